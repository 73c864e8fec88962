/** Every document that is made from code, by path. The tidy test compares them with the files. */
import { configurationMarkdown, errorsMarkdown } from '../processors/config/describe.js';
import { httpStatus } from './status.js';

export function generatedDocs(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/configuration.md', configurationMarkdown()],
    ['docs/errors.md', errorsMarkdown(httpStatus)],
  ]);
}
