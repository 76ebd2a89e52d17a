/**
 * What each recording of SIP must tell, written from what the telephones did and from what was on the wire, never from what the
 * adapter says. `line direction party: local/remote@ms ...; cause, facts`. The other side is `?` where it is not known, `null`
 * where nobody is told of. What SIP did not tell is not there:
 * why and by whom a call of dialog-info ended before it was answered; that a call which a line placed on Asterisk or FreeSWITCH was
 * answered, and on Asterisk whom it is with; hold on Kamailio, and at the telephone that holds on Asterisk.
 */
export const SIP_TRUTH: Readonly<Record<string, { readonly title: string; readonly lines: readonly string[] }>> = {
  '01-register': { title: 'Registers and unregisters', lines: [] },
  '02-subscribe-dialog': {
    title: 'Kamailio: alice calls bob, he answers, she hangs up; refresh; unsubscribe',
    lines: [
      'alice out bob: initiated/?@11786 connected/alerting@11787 connected/connected@12989 null/null@14992; normal dialled=bob',
      'bob in alice: alerting/connected@11787 connected/connected@12990 null/null@14992; normal',
    ],
  },
  '03-kam-busy-reject': {
    title: 'Kamailio: bob rejects alice',
    lines: [
      'alice out bob: initiated/?@819 connected/alerting@821 null/null@1624; unknown dialled=bob',
      'bob in alice: alerting/connected@822 null/null@1625; unknown',
    ],
  },
  '03-kam-hold': {
    title: 'Kamailio: bob holds and resumes, which nobody tells',
    lines: [
      'alice out bob: initiated/?@906 connected/alerting@907 connected/connected@1407 null/null@4412; normal dialled=bob',
      'bob in alice: alerting/connected@908 connected/connected@1408 null/null@4413; normal',
    ],
  },
  '03-kam-inbound-answered-callee-hangs-up': {
    title: 'Kamailio: bob answers alice and hangs up',
    lines: [
      'alice out bob: initiated/?@832 connected/alerting@833 connected/connected@1634 null/null@3134; normal dialled=bob',
      'bob in alice: alerting/connected@834 connected/connected@1633 null/null@3136; normal',
    ],
  },
  '03-kam-inbound-answered': {
    title: 'Kamailio: bob answers alice, who hangs up',
    lines: [
      'alice out bob: initiated/?@841 connected/alerting@842 connected/connected@1649 null/null@3149; normal dialled=bob',
      'bob in alice: alerting/connected@842 connected/connected@1650 null/null@3149; normal',
    ],
  },
  '03-kam-missed': {
    title: 'Kamailio: alice gives up',
    lines: [
      'alice out bob: initiated/?@822 connected/alerting@823 null/null@2328; unknown dialled=bob',
      'bob in alice: alerting/connected@824 null/null@2330; unknown',
    ],
  },
  '03-kam-not-found': {
    title: 'Kamailio: bob calls nobody',
    lines: ['bob out nobody: initiated/?@815 null/null@816; unknown dialled=nobody'],
  },
  '03-kam-outbound': {
    title: 'Kamailio: bob calls alice, she answers, he hangs up',
    lines: [
      'alice in bob: alerting/connected@833 connected/connected@1632 null/null@2832; normal',
      'bob out alice: initiated/?@827 connected/alerting@832 connected/connected@1631 null/null@2831; normal dialled=alice',
    ],
  },
  '04-shared-line-answered-elsewhere': {
    title: "Kamailio, second device: bob's telephone answers",
    lines: ['bob in alice: alerting/connected@338 null/null@1346; answered-elsewhere dialled=bob missed=false'],
  },
  '04-shared-line-caller-cancels': {
    title: 'Kamailio, second device: alice gives up',
    lines: ['bob in alice: alerting/connected@952 null/null@1960; cancelled dialled=bob missed=true by=remote'],
  },
  '04-shared-line-cti-answers-first': {
    title: 'Kamailio: the second device answers; alice holds, resumes and hangs up',
    lines: [
      'bob in alice: alerting/connected@315 connected/connected@1319 connected/hold@2140 connected/connected@3014 null/null@3800; normal dialled=bob',
    ],
  },
  '05-refer-baresip': {
    title: 'A telephone that does not obey REFER',
    lines: ['alice out bob: initiated/?@120 null/null@123; unknown dialled=bob'],
  },
  '06-click-to-dial-refer-answered': {
    title: 'REFER outside of a call; bob answers, and nobody tells how it ends',
    lines: [
      'dave out bob: initiated/?@50 connected/alerting@59 connected/connected@967 null/null@967; unknown dialled=bob',
    ],
  },
  '06-click-to-dial-refer-busy': {
    title: 'REFER outside of a call; bob is busy',
    lines: ['dave out bob: initiated/?@16 connected/alerting@25 null/null@868; busy dialled=bob'],
  },
  '06-click-to-dial-refer-norefersub': {
    title: 'REFER without a subscription: nothing is told',
    lines: ['dave out bob: initiated/?@4 null/null@7; unknown dialled=bob'],
  },
  '07-click-to-dial-3pcc': {
    title: 'Third-party call control, flow I; dave is made to hold and to resume',
    lines: [
      'dave out bob: initiated/?@9 initiated/null@14 connected/null@717 connected/alerting@728 connected/connected@1232 hold/connected@2044 connected/connected@2850 null/null@3654; normal dialled=bob',
    ],
  },
  '08-talk-early-dialog-direct': {
    title: 'A ringing telephone is made to answer',
    lines: ['dave out -: initiated/?@20 initiated/null@22 connected/null@521 null/null@1324; unknown'],
  },
  '08-talk-early-dialog-route': {
    title: 'The same along the Route of the dialog',
    lines: ['dave out -: initiated/?@4 initiated/null@5 connected/null@506 null/null@1310; unknown'],
  },
  '08-talk-early-dialog': {
    title: 'A ringing telephone does not answer',
    lines: ['dave out -: initiated/?@10 initiated/null@15 null/null@2116; unknown'],
  },
  '09-reconnect': {
    title: 'The server is killed while one call to bob is up and another rings: what became of them is not known',
    lines: [
      'bob out -: initiated/?@30 connected/null@32; unknown',
      'bob out -: initiated/?@73 initiated/null@75; unknown',
    ],
  },
  '10-app-connection-lost': {
    title: 'A call while the application is away, and one after it came back',
    lines: ['bob in alice: alerting/connected@4639 null/null@5143; cancelled dialled=bob missed=true by=remote'],
  },
  '11-robustness': {
    title: 'Compact headers, a NOTIFY before its 200, hold in each way that there is',
    lines: [
      'evil in +31 "Zoë 🐘 Ünal": alerting/connected@571; unknown',
      'evil out -: initiated/?@2264 connected/null@2267 hold/null@2822 connected/null@3925 hold/null@4477 connected/null@5028 hold/null@5579 connected/null@6133 hold/null@6685 connected/null@7235 null/null@7786; unknown',
    ],
  },
  '12-raw-protocol': { title: "drachtio-server's own protocol", lines: [] },
  '13-ast22-blind-transfer': {
    title: 'Asterisk: 1002 transfers 1001 to 1003',
    lines: [
      '1001 out -: connected/null@827 null/null@4338; unknown',
      '1002 in 1001 "Alice Jansen": alerting/connected@827 connected/connected@1328 null/null@2330; normal',
      '1003 in 1001 "Alice Jansen": alerting/connected@2332 connected/connected@3140 null/null@4338; normal',
    ],
  },
  '13-ast22-busy-reject': {
    title: 'Asterisk: 1002 rejects 1001',
    lines: [
      '1001 out -: connected/null@822 null/null@1626; unknown',
      '1002 in 1001 "Alice Jansen": alerting/connected@822 null/null@1624; unknown',
    ],
  },
  '13-ast22-hold': {
    title: 'Asterisk: 1002 holds 1001, who is told so',
    lines: [
      '1001 out -: connected/null@821 connected/connected@2323 connected/hold@2323 connected/connected@3325 null/null@4325; normal',
      '1002 in 1001 "Alice Jansen": alerting/connected@821 connected/connected@1323 null/null@4326; normal',
    ],
  },
  '13-ast22-inbound-answered-callee-hangs-up': {
    title: 'Asterisk: 1002 answers 1001 and hangs up',
    lines: [
      '1001 out -: connected/null@825 null/null@3128; unknown',
      '1002 in 1001 "Alice Jansen": alerting/connected@824 connected/connected@1627 null/null@3128; normal',
    ],
  },
  '13-ast22-inbound-answered': {
    title: 'Asterisk: 1002 answers 1001, who hangs up',
    lines: [
      '1001 out -: connected/null@845 null/null@3269; unknown',
      '1002 in 1001 "Alice Jansen": alerting/connected@844 connected/connected@2052 null/null@3264; normal',
    ],
  },
  '13-ast22-not-found': {
    title: 'Asterisk: 1002 calls nobody',
    lines: ['1002 out -: connected/null@836 null/null@836; unknown'],
  },
  '13-ast22-outbound': {
    title: 'Asterisk: 1002 calls 1001, who answers; 1002 hangs up',
    lines: [
      '1001 in 1002 "Bob de Vries": alerting/connected@821 connected/connected@1625 null/null@2826; normal',
      '1002 out -: connected/null@821 null/null@2826; unknown',
    ],
  },
  '14-ast22-shared-line-answered-elsewhere': {
    title: "Asterisk, second device: 1002's telephone answers",
    lines: ['1002 in 1001 "Alice Jansen": alerting/connected@324 null/null@1327; answered-elsewhere missed=false'],
  },
  '14-ast22-shared-line-caller-cancels': {
    title: 'Asterisk, second device: 1001 gives up',
    lines: ['1002 in 1001 "Alice Jansen": alerting/connected@312 null/null@1315; cancelled missed=true by=remote'],
  },
  '14-ast22-shared-line-cti-answers-first': {
    title: 'Asterisk: the second device answers; that 1001 holds is not told',
    lines: ['1002 in 1001 "Alice Jansen": alerting/connected@312 connected/connected@1316 null/null@3722; normal'],
  },
  '15-ast22iur-call-waiting': {
    title: 'Asterisk: 1003 calls 1002, who talks to 1001, and gives up',
    lines: [
      '1001 out -: connected/null@837 null/null@4548; unknown',
      '1002 in 1001 "Alice Jansen": alerting/connected@836 connected/connected@1338 null/null@4548; normal',
      '1002 in 1003 "Chloé Müller": alerting/connected@2344 null/null@3546; unknown',
      '1003 out -: connected/null@2343 null/null@3547; unknown',
    ],
  },
  '16-fs1-busy-reject': {
    title: 'FreeSWITCH: 1002 rejects 1001',
    lines: [
      '1001 out 1002: connected/null@858 null/null@1680; unknown dialled=1002',
      '1002 in 1001 "Alice Archer": alerting/connected@859 null/null@1661; unknown',
    ],
  },
  '16-fs1-inbound-answered-callee-hangs-up': {
    title: 'FreeSWITCH: 1002 answers 1001 and hangs up',
    lines: [
      '1001 out 1002: connected/null@848 null/null@3171; unknown dialled=1002',
      '1002 in 1001 "Alice Archer": alerting/connected@849 connected/connected@1655 null/null@3157; normal',
    ],
  },
  '16-fs1-inbound-answered': {
    title: 'FreeSWITCH: 1002 answers 1001, who hangs up',
    lines: [
      '1001 out 1002: connected/null@857 null/null@3188; unknown dialled=1002',
      '1002 in 1001 "Alice Archer": alerting/connected@858 connected/connected@1666 null/null@3187; normal',
    ],
  },
  '16-fs1-missed': {
    title: 'FreeSWITCH: 1001 gives up',
    lines: [
      '1001 out 1002: connected/null@843 null/null@2367; unknown dialled=1002',
      '1002 in 1001 "Alice Archer": alerting/connected@844 null/null@2367; unknown',
    ],
  },
  '16-fs1-not-found': { title: 'FreeSWITCH: 1002 calls nobody, which was over before it was told', lines: [] },
  '16-fs1-outbound': {
    title: 'FreeSWITCH: 1002 calls 1001, who answers; 1002 hangs up',
    lines: [
      '1001 in 1002 "Bob Baker": alerting/connected@848 connected/connected@1657 null/null@2876; normal',
      '1002 out 1001: connected/null@847 null/null@2878; unknown dialled=1001',
    ],
  },
  '17-fs1-shared-line-cti-answers-first': {
    title: 'FreeSWITCH: the second device answers; that 1001 holds is not told',
    lines: ['1002 in 1001 "Alice Archer": alerting/connected@339 connected/connected@1359 null/null@3822; normal'],
  },
  '17-fs1-shared-line-phone-rejects-486': {
    title: 'FreeSWITCH, second device: the telephone rejects, 1001 gives up later',
    lines: ['1002 in 1001 "Alice Archer": alerting/connected@649 null/null@4241; cancelled missed=true by=remote'],
  },
  '18-misc-protocol': {
    title: 'A call that the server ends for want of an ACK; a call that is proxied',
    lines: [
      'cti in evil "Évil": alerting/connected@24 connected/connected@26 null/null@32076; normal dialled=cti',
      'proxyme in evil "Évil": alerting/connected@622 connected/connected@944; unknown dialled=proxyme',
    ],
  },
  '19-click-to-dial-3pcc-flow4': {
    title: 'Third-party call control, flow IV',
    lines: [
      'alice out bob: initiated/?@10 initiated/null@15 connected/null@422 connected/alerting@430 connected/connected@729 null/null@1246; normal dialled=bob',
    ],
  },
  '20-click-to-dial-invite-then-refer': {
    title: 'INVITE, then REFER in that call; the call goes on unseen',
    lines: [
      'alice out bob: initiated/?@7 initiated/null@8 connected/null@310 connected/connected@927 null/null@1430; unknown dialled=bob',
    ],
  },
  '21-click-to-dial-self-invite-refer-ast22': {
    title: 'Asterisk: REFER is not obeyed; INVITE of the own telephone, then REFER',
    lines: [
      '1002 out 1001: initiated/?@14 null/null@15; unknown dialled=1001',
      '1002 out 1001: initiated/?@1230 initiated/null@1236 connected/null@1572 connected/alerting@1586 connected/connected@1602 null/null@2590; unknown dialled=1001',
    ],
  },
  '21-click-to-dial-self-invite-refer-fs1': {
    title: 'FreeSWITCH: REFER is not obeyed; INVITE of the own telephone, then REFER',
    lines: [
      '1002 out 1001: initiated/?@5 null/null@6; unknown dialled=1001',
      '1002 out 1001: initiated/?@1210 initiated/null@1237 connected/null@1563 connected/connected@1578 null/null@1598; unknown dialled=1001',
    ],
  },
};
