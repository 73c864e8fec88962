/**
 * A client whose paths, parameters, bodies and answers are checked by the compiler: its types are written by
 * `npm run docs` from docs/openapi.json. Errors of the server come back as `error`, a problem with its stable code.
 */
import createClient, { type Client, type ClientOptions } from 'openapi-fetch';
import type { paths } from './schema.js';

export type ApiClient = Client<paths>;
export type { components, paths } from './schema.js';

/**
 * @param url of the server, with its base path
 * Answers are parsed: an integer beyond 2^53 or a long decimal inside of states loses digits. Where they count, pass
 * `parseAs: 'text'` and read the text itself.
 */
export function openClient(url: string, options: Omit<ClientOptions, 'baseUrl'> = {}): ApiClient {
  return createClient<paths>({ ...options, baseUrl: url.replace(/\/+$/, '') });
}
