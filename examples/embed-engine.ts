// The engine in a program of one's own: prints who calls. Here against a simulated PBX, which the package brings too.
import { createEngine } from 'offhook';
import { asteriskAmi } from 'offhook/adapters/asterisk-ami';
import { createAsteriskSimulator, demoScript } from 'offhook/simulators';

await using pbx = await createAsteriskSimulator();
pbx.play(demoScript);

const connect = { host: '127.0.0.1', port: pbx.port, username: 'offhook', secret: 'secret' };
await using engine = createEngine({ adapters: [asteriskAmi({ connect })] });

for await (const entry of engine.log()) {
  if (entry.kind === 'link') console.log(`${entry.status.link}: ${entry.status.state}`);
  if (entry.kind !== 'call' || entry.event !== 'delivered') continue;
  for (const { device, state } of entry.call.connections) {
    const call = engine.lineCalls(device).findLast((each) => each.callId === entry.call.id);
    if (state !== 'alerting' || call === undefined) continue;
    console.log(`${device} rings: ${call.remote?.name ?? 'no name'}, ${call.remote?.number ?? 'number withheld'}`);
  }
}
