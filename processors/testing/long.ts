/** True in `npm run test:long`: whole lists of cases and more random ones, where `npm test` takes a part of them. */
export const LONG = process.env.LONG === '1';
