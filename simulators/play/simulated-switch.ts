import type { LinkTraffic } from '../link/faulty-switch.ts';
import type { ModelPbx } from '../model/model-pbx.ts';
import type { Fault } from '../scenario/fault.ts';

/** A model PBX behind a server that speaks a real protocol: what scenarios are played on. */
export interface SimulatedSwitch extends AsyncDisposable {
  /** `asterisk`, `freeswitch`, ...; what `only` and `pbx` of a scenario name. */
  readonly kind: string;
  readonly host: string;
  readonly port: number;
  /** The model; another one after a restart. */
  readonly model: ModelPbx;
  /** The names of the users who are logged in, once for each connection. */
  readonly loggedIn: readonly string[];
  traffic(): readonly LinkTraffic[];
  /** Makes something wrong; returns how to make it right again. */
  apply(fault: Fault): () => void;
  /** Told after each restart, when the model is new. Returns how to stop listening. */
  onRestart(listener: () => void): () => void;
  /** Cuts all connections. */
  dropConnections(): void;
}
