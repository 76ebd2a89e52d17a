// A program that has its own connection to Asterisk, by the npm package asterisk-manager, and wants calls instead of
// events. The connection stays the program's: it logs in, reconnects and sends its own actions as before.
import AsteriskManager from 'asterisk-manager';
import { createEngine } from 'offhook';
import { asteriskAmi } from 'offhook/adapters/asterisk-ami';

const { AMI_HOST = '127.0.0.1', AMI_PORT = '5038', AMI_USER = 'offhook', AMI_SECRET = 'secret' } = process.env;

const client = new AsteriskManager(Number(AMI_PORT), AMI_HOST, AMI_USER, AMI_SECRET, true);
client.keepConnected();

await using engine = createEngine({ adapters: [asteriskAmi({ client })] });

for await (const entry of engine.log()) {
  if (entry.kind === 'link') console.log(`Asterisk is ${entry.status.state}`);
  if (entry.kind === 'line') console.log(`${entry.line.device} is ${entry.line.state}`);
}
