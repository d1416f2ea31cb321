/** Counters in Prometheus's text format; they count and never name what was asked. */

export interface Metrics {
  countRequest(route: string, status: number): void;
  countTokens(promptTokens: number, newTokens: number): void;
  text(running: number): string;
}

export function createMetrics(): Metrics {
  const requests = new Map<string, number>();
  let [promptTokens, newTokens] = [0, 0];
  return {
    countRequest(route, status) {
      const key = `route="${route}",status="${status}"`;
      requests.set(key, (requests.get(key) ?? 0) + 1);
    },
    countTokens(prompt, fresh) {
      promptTokens += prompt;
      newTokens += fresh;
    },
    text(running) {
      const counter = (name: string, help: string, lines: string[]) =>
        [`# HELP ${name} ${help}`, `# TYPE ${name} counter`, ...lines].join('\n');
      return `${[
        counter(
          'internvl_requests_total',
          'Requests by route and status.',
          [...requests].map(([labels, count]) => `internvl_requests_total{${labels}} ${count}`),
        ),
        counter('internvl_prompt_tokens_total', 'Prompt tokens read.', [
          `internvl_prompt_tokens_total ${promptTokens}`,
        ]),
        counter('internvl_new_tokens_total', 'Tokens written.', [`internvl_new_tokens_total ${newTokens}`]),
        '# HELP internvl_requests_running Requests that wait or run.',
        '# TYPE internvl_requests_running gauge',
        `internvl_requests_running ${running}`,
      ].join('\n')}\n`;
    },
  };
}
