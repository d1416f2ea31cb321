/** One line for a terminal that asks the API server something. */

/** Double quotes throughout: those of sh and of Windows' cmd both know. */
export function curlLine({
  baseUrl,
  token,
  question,
}: {
  baseUrl: string;
  token: string;
  question: string;
}): string {
  const body = JSON.stringify({ messages: [{ role: 'user', content: question }] });
  return [
    `curl ${baseUrl}/chat/completions`,
    `-H "Authorization: Bearer ${token}"`,
    '-H "Content-Type: application/json"',
    `-d "${body.replaceAll('"', '\\"')}"`,
  ].join(' ');
}
