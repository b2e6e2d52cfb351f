/** Which events fail: one in twenty, spread over the agents. */
export function failing(agent: string, sequence: number): boolean {
  return (sequence + Number(agent.slice(agent.lastIndexOf("-") + 1))) % 20 === 0;
}
