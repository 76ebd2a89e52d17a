import { describe, expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { toDirectedGraph } from 'xstate/graph';
import {
  callMachine,
  LINE_STATES,
  LINK_TRANSITIONS,
  LIVE_STATES,
  lineMachine,
  linkMachine,
} from '../../src/machines/index.ts';

/** Where the edges of a state lead, by XState's own graph. */
function edgesOf(machine: AnyStateMachine, state: string): string[] {
  const node = toDirectedGraph(machine).children.find((child) => child.stateNode.key === state)!;
  return [...new Set(node.edges.map((edge) => edge.target.key))].sort();
}

const statesOf = (machine: AnyStateMachine) => toDirectedGraph(machine).children.map((child) => child.stateNode.key);

describe('the machines can be drawn', () => {
  it('with the states of the domain, and one in which the actor ends', () => {
    expect(statesOf(callMachine).sort()).toEqual(['pending', ...LIVE_STATES, 'cleared', 'removed'].sort());
    expect(statesOf(lineMachine).sort()).toEqual(['deciding', ...LINE_STATES, 'removed'].sort());
    expect(statesOf(linkMachine).sort()).toEqual([...Object.keys(LINK_TRANSITIONS), 'removed'].sort());
  });

  it('and show that nothing leads out of a cleared call', () => {
    expect(edgesOf(callMachine, 'cleared')).toEqual(['cleared']);
    expect(edgesOf(callMachine, 'alerting')).toContain('cleared');
    expect(edgesOf(callMachine, 'pending')).not.toContain('cleared');
  });

  it('and that a line whose link is down becomes known only by its link', () => {
    const node = toDirectedGraph(lineMachine).children.find((child) => child.stateNode.key === 'unknown')!;
    const away = node.edges.filter((edge) => edge.target.key !== 'unknown').map((edge) => edge.label.text);
    expect(new Set(away)).toEqual(new Set(['LINK_UP']));
  });
});
