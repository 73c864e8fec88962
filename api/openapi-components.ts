/** Pure: moves schemas with a title out of an API description into its components, so that each is written once. */

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
interface Described {
  readonly components?: { readonly schemas?: object };
}

/**
 * @param more further schemas by name, treated alike
 * @throws Error when two different schemas have one title
 */
export function hoistTitled<T extends object & Described>(
  document: T,
  more: Readonly<Record<string, object>>,
): T {
  const named = new Map<string, string>();
  const schemas: Record<string, Json> = {};
  const visit = (value: Json, parent: string): Json => {
    if (Array.isArray(value)) return value.map((item) => visit(item, parent));
    if (typeof value !== 'object' || value === null) return value;
    const inside = Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, visit(member, name)]),
    );
    const { title } = inside;
    // `info.title` and a property called title are no titles of a schema.
    if (typeof title !== 'string' || parent === 'info') return inside;
    const text = JSON.stringify(inside);
    if ((named.get(title) ?? text) !== text) throw new Error(`two schemas have the title ${title}`);
    named.set(title, text);
    const { title: _left, ...schema } = inside;
    schemas[title] = schema;
    return { $ref: `#/components/schemas/${title}` };
  };
  const plain = JSON.parse(JSON.stringify({ ...document, components: undefined })) as Json;
  const visited = visit(plain, '') as object;
  for (const schema of Object.values(more)) visit(JSON.parse(JSON.stringify(schema)) as Json, '');
  const names = Object.keys(schemas).sort();
  const components = { schemas: Object.fromEntries(names.map((name) => [name, schemas[name]])) };
  return { ...visited, components: { ...document.components, ...components } } as unknown as T;
}
