/** Every document that is made from code, by path. The tidy test compares them with the files. */
import { configurationMarkdown, errorsMarkdown } from '../processors/config/describe.js';
import { describeApi } from './describe-api.js';
import { httpStatus } from './status.js';

export async function generatedDocs(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['docs/configuration.md', configurationMarkdown()],
    ['docs/errors.md', errorsMarkdown(httpStatus)],
    ['docs/openapi.json', `${JSON.stringify(await describeApi(), null, 1)}\n`],
  ]);
}
