/** Whether a schema registry answers at all: its list of subjects, or a refusal of its own, within the time limit. */
import type { Config } from '../../schemas/config.js';

export async function registryAnswers({
  url,
  username,
  password,
  timeoutMs,
}: Config['registry']): Promise<boolean> {
  const headers: Record<string, string> =
    username === ''
      ? {}
      : { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
  const response = await fetch(`${url.replace(/\/+$/, '')}/subjects`, {
    headers,
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.arrayBuffer();
  return response.status < 500;
}
