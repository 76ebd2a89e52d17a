// A thread that is a switch's event socket: it answers a client, and plays frames with their recorded times. The frames of one
// recorded read are written at once. Used by burst.ts.
import { createServer, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

/** Bytes that came in one read, and when: milliseconds from the recording's beginning. */
export interface Read {
  readonly timeMs: number;
  readonly bytes: Uint8Array;
}

/** What the thread posts: its port; when the burst began (milliseconds of the machine's monotonic clock); that it is over. */
export type SwitchReport = { readonly port: number } | { readonly begunAt: number } | { readonly over: true };

const { reads } = workerData as { readonly reads: readonly Read[] };
const now = (): number => Number(process.hrtime.bigint()) / 1e6;
const post = (report: SwitchReport): void => parentPort!.postMessage(report);

/** What a client asks: nothing is up before the burst, and what it knows from events is there. */
function resultOf(command: string): string {
  if (command.startsWith('bgapi uuid_exists')) return 'true';
  return command.startsWith('bgapi show') ? '{"row_count":0}\n' : '-ERR not here\n';
}

function answer(socket: Socket, command: string): void {
  const job = /^Job-UUID: (.*)$/m.exec(command)?.[1];
  socket.write(
    `Content-Type: command/reply\nReply-Text: +OK accepted${job === undefined ? '' : ` Job-UUID: ${job}`}\n\n`,
  );
  if (job === undefined) return;
  const body = JSON.stringify({ 'Event-Name': 'BACKGROUND_JOB', 'Job-UUID': job, _body: resultOf(command) });
  socket.write(`Content-Length: ${Buffer.byteLength(body)}\nContent-Type: text/event-json\n\n${body}`);
}

function play(socket: Socket): void {
  const begunAt = now() - (reads[0]?.timeMs ?? 0);
  post({ begunAt });
  let next = 0;
  const step = (): void => {
    const time = now() - begunAt;
    for (; next < reads.length && reads[next]!.timeMs <= time; next++) socket.write(reads[next]!.bytes);
    if (next === reads.length) post({ over: true });
    else setTimeout(step, Math.max(0, reads[next]!.timeMs - (now() - begunAt)));
  };
  step();
}

const server = createServer((socket) => {
  let rest = '';
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.write('Content-Type: auth/request\n\n');
  socket.setEncoding('utf8').on('data', (text: string) => {
    const commands = (rest + text).split('\n\n');
    rest = commands.pop()!;
    for (const command of commands) answer(socket, command);
  });
  parentPort!.once('message', () => play(socket));
});
server.listen(0, '127.0.0.1', () => post({ port: (server.address() as { port: number }).port }));
