/** The telephones of the office that a scenario has if it describes no other, with their names. */
export const DEFAULT_LINES: Readonly<Record<string, { readonly name: string }>> = {
  1001: { name: 'Alice Jansen' },
  1002: { name: 'Bob de Vries' },
  1003: { name: 'Chloé Müller' },
  1004: { name: 'Данило Орлик' },
  1005: { name: "Eve O'Brien" },
  1006: { name: 'Frank "Frankie" Bakker' },
  1007: { name: 'Grace, Sales' },
  1008: { name: '李 秀英' },
  1009: { name: 'Łukasz Żak' },
  1010: { name: 'Reception & Switchboard' },
};
