/** Every document that is made from code, by path. The tidy test compares them with the files. */
import { configurationMarkdown, errorsMarkdown } from '../processors/config/describe.js';
import { describeApi } from './describe-api.js';
import { httpStatus } from './status.js';

/** Loads what only the repository has: a release never writes its documents. */
async function clientTypes(description: object): Promise<string> {
  const { default: typesOf, astToString } = await import('openapi-typescript');
  const types = astToString(await typesOf(description as Parameters<typeof typesOf>[0]));
  return `/** Types of the API's client, written by \`npm run docs\` from docs/openapi.json. */\n${types}`;
}

export async function generatedDocs(): Promise<ReadonlyMap<string, string>> {
  const description = await describeApi();
  return new Map([
    ['docs/configuration.md', configurationMarkdown()],
    ['docs/errors.md', errorsMarkdown(httpStatus)],
    ['docs/openapi.json', `${JSON.stringify(description, null, 1)}\n`],
    ['api/client/schema.ts', await clientTypes(description)],
  ]);
}
