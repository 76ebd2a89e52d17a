/** Events that come at once before sockets get a turn. */
const AT_ONCE = 500;

/** Tells so many things in portions with a turn of the event loop between, so that a client that reads keeps up. Returns how to stop. */
export function tellInPortions(count: number, tell: (serial: number) => void): () => void {
  let told = 0;
  let turn: NodeJS.Immediate | undefined;
  const portion = (): void => {
    for (const end = Math.min(count, told + AT_ONCE); told < end; told++) tell(told);
    turn = told < count ? setImmediate(portion) : undefined;
  };
  portion();
  return () => clearImmediate(turn);
}
