import { expect, it } from 'vitest';
import { withRules } from './bare-modules.js';

it('leaves out packages without rules, and nothing else', () => {
  const kept = ['package a\n\nx := 1', 'package a\nimport', 'no rego', ''];
  const bare = ['package a', '# why\npackage a.b["c"] # so\n\nimport data.x as y\nimport rego.v1\n'];
  const modules = Object.fromEntries([...kept, ...bare].map((rego, i) => [`${i}.rego`, rego]));
  expect(Object.values(withRules(modules))).toEqual(kept);
});

it('leaves something to compile where nothing has a rule', () => {
  expect(Object.values(withRules({ 'a.rego': 'package a' }))).toHaveLength(1);
  expect(Object.values(withRules({}))).toHaveLength(1);
});
