/**
 * Policies of every kind that people write, small. The rules `d…` of each are its decisions; their inputs are
 * inputs.ts. `order` marks those whose arrays come of sets or objects, where WebAssembly has another order than OPA.
 */
export interface PolicyCase {
  readonly name: string;
  readonly text: string;
  readonly order?: true;
}

export const CASE_DATA = {
  roles: {
    admin: { grants: [{ action: '*', type: '*' }] },
    editor: { inherits: ['viewer'], grants: [{ action: 'write', type: 'doc' }] },
    viewer: {
      grants: [
        { action: 'read', type: 'doc' },
        { action: 'read', type: 'bill' },
      ],
    },
    auditor: { inherits: ['viewer'], grants: [{ action: 'read', type: 'audit' }] },
  },
  limits: { doc: 10, bill: 1000.5, audit: 0 },
  networks: { office: ['10.0.0.0/8', '192.168.1.0/24'], vpn: ['2001:db8::/32'] },
  graph: { viewer: [], editor: ['viewer'], auditor: ['viewer'], admin: ['editor', 'auditor'] },
  tags: ['public', 'internal', 'secret'],
};

const one = (name: string, text: string, order?: true): PolicyCase => ({
  name,
  text: `package cases.${name}\n\n${text}\n`,
  ...(order === undefined ? {} : { order }),
});

export const CASES: readonly PolicyCase[] = [
  one(
    'rbac',
    `default d := false
d if { some role in input.roles; some grant in data.roles[role].grants; matches(grant.action, input.action); matches(grant.type, input.resource.type) }
matches("*", _) := true
matches(x, x) := true if x != "*"`,
  ),
  one(
    'rbac_inherited',
    `default d := false
all_roles := graph.reachable(data.graph, {role | some role in input.roles})
d if { some role in all_roles; some grant in data.roles[role].grants; grant.type == input.resource.type }
d_roles := all_roles`,
  ),
  one(
    'abac',
    `default d := false
d if { input.resource.owner == input.user }
d if { input.user_attributes.clearance >= input.resource.level; not input.resource.locked }
d_why contains "owner" if input.resource.owner == input.user
d_why contains "clearance" if input.user_attributes.clearance >= input.resource.level`,
  ),
  one(
    'deny_overrides',
    `default d := "none"
d := "deny" if deny
else := "allow" if allow
allow if input.action == "read"
deny if input.resource.locked
deny if "banned" in input.roles`,
  ),
  one(
    'partial_object',
    `d[tag] := count(xs) if { some tag in data.tags; xs := {x | some x in input.resource.tags; x == tag} }
d_nested[kind][name] := true if { some kind, nets in data.networks; some name in nets; contains(name, ".") }`,
  ),
  one(
    'partial_set',
    `d contains sprintf("%s may not %s", [input.user, input.action]) if not input.action in {"read", "list"}
d contains msg if { some i, tag in input.resource.tags; not tag in data.tags; msg := sprintf("tag %d (%v) is unknown", [i, tag]) }`,
  ),
  one(
    'set_algebra',
    `wanted := {t | some t in input.resource.tags}
known := {t | some t in data.tags}
d := wanted & known
d_missing := wanted - known
d_all := wanted | known
d_subset if { count(wanted - known) == 0 }`,
  ),
  one(
    'comprehension_set',
    `d := {m | some n in input.numbers; n % 2 == 0; m := n * n}
d_object := {name: size | some name in input.roles; size := count(name)}`,
  ),
  one(
    'comprehension_array',
    `d := [m | some n in input.numbers; n > 0; m := n + 1]
d_pairs := [[x, y] | some x in input.numbers; some y in input.numbers; x < y]`,
    true,
  ),
  one(
    'ordered_messages',
    `messages contains sprintf("%v is not %v", [tag, data.tags]) if some tag in input.resource.tags
d := concat("; ", messages)
d_list := [m | some m in messages]
d_keys := [k | some k, _ in input.user_attributes]`,
    true,
  ),
  one(
    'every_item',
    `d if { every n in input.numbers { n < 100 } }
d_tags if { every tag in input.resource.tags { tag in data.tags } }
default d_none := false
d_none if not some_negative
some_negative if { some n in input.numbers; n < 0 }`,
  ),
  one(
    'regex',
    `d if regex.match("^[a-z]+@example\\\\.(com|org)$", input.email)
d_parts := regex.find_all_string_submatch_n("([a-z]+)([0-9]*)", input.path_text, -1)
d_split := regex.split("[/.]+", input.path_text)
d_replaced := regex.replace(input.path_text, "[0-9]+", "#")
d_bad if regex.match(input.pattern, input.path_text)`,
  ),
  one(
    'globs',
    `d if glob.match("/api/*/items/**", ["/"], input.path_text)
d_host if glob.match("*.example.com", ["."], input.host)
d_alt if glob.match("{read,write,l?st}", [], input.action)
d_none if glob.match("*a*", null, input.host)`,
  ),
  one(
    'times',
    `ns := time.parse_rfc3339_ns(input.at)
d if { [hour, _, _] := time.clock(ns); hour >= 8; hour < 18 }
d_weekday := time.weekday(ns)
d_date := time.date([ns, "America/New_York"])
d_later := time.add_date(ns, 0, 1, 10)
d_diff := time.diff(ns, 1700000000000000000)
d_days := floor((ns - 1700000000000000000) / 86400000000000)
d_text := time.format([ns, "Europe/Berlin", "Mon Jan _2 15:04:05 2006"])
d_parsed := time.parse_ns("2006-01-02", substring(input.at, 0, 10))`,
  ),
  one(
    'strings',
    `d := lower(trim_space(input.text))
d_upper := upper(input.text)
d_index := indexof(input.text, "a")
d_all := indexof_n(input.text, "a")
d_cut := substring(input.text, 1, 4)
d_words := split(input.text, " ")
d_swapped := strings.reverse(input.text)
d_replaced := strings.replace_n({"a": "<a>", "e": "<e>"}, input.text)
d_trimmed := trim(trim_prefix(trim_suffix(input.text, "."), "The "), " .")
d_prefix if strings.any_prefix_match(input.text, ["The", "a"])
d_text := sprintf("%v|%5d|%-6s|%q|%x", [input.numbers, count(input.text), input.user, input.text, count(input.roles)])`,
  ),
  one(
    'arrays',
    `d := array.concat(input.numbers, input.roles)
d_slice := array.slice(input.numbers, 1, 3)
d_reverse := array.reverse(input.numbers)
d_first := input.numbers[0]
d_last := input.numbers[count(input.numbers) - 1]
d_sorted := sort(input.numbers)
d_flat := array.flatten([input.numbers, [input.roles]])
d_range := numbers.range(1, count(input.roles))
d_steps := numbers.range_step(0, 10, 4)`,
  ),
  one(
    'arithmetic',
    `d := sum(input.numbers)
d_product := product(input.numbers)
d_mean := sum(input.numbers) / count(input.numbers)
d_share := input.amount / 3
d_tax := round(input.amount * 1.19)
d_rest := input.amount - 0.1
d_mod := count(input.text) % 7
d_max := max(input.numbers)
d_abs := abs(min(input.numbers))
d_zero := input.amount / (count(input.roles) - count(input.roles))
d_hex := format_int(count(input.text), 16)
d_bits := bits.or(bits.lsh(count(input.roles), 3), bits.and(12, count(input.text)))`,
  ),
  one(
    'objects',
    `d := object.get(input, ["resource", "level"], -1)
d_union := object.union(input.resource, {"level": 0, "more": {"a": 1}})
d_removed := object.remove(input.resource, {"tags", "owner"})
d_filtered := object.filter(input.resource, ["owner", "type"])
d_keys := object.keys(input.resource)
d_many := object.union_n([{"a": 1}, input.resource, {"a": 2}])
d_subset if object.subset(input.resource, {"type": "doc"})
d_pick := json.filter(input, ["resource/owner", "user"])
d_drop := json.remove(input.resource, ["tags/0"])
d_patch := json.patch(input.resource, [{"op": "add", "path": "/seen", "value": true}])`,
  ),
  one(
    'walks',
    `d contains path if { [path, value] := walk(input.resource); value == "secret" }
d_leaves := count({path | [path, value] := walk(input); is_string(value)})`,
  ),
  one(
    'types',
    `d[name] := type_name(value) if some name, value in input
d_numbers contains n if { some n in input.numbers; is_number(n) }
d_null if is_null(input.nothing)
d_converted := to_number(input.numeric_text)
d_equal if input.amount == to_number(input.numeric_text)`,
  ),
  one(
    'undefined',
    `d := input.missing.deeply
d_or := "none" if not input.missing
d_else := input.missing if input.missing
else := input.resource.level
d_chain := x if { x := input.resource.owner; input.user_attributes[x] }
d_never if false`,
  ),
  one(
    'conflicts',
    `d := 1 if "admin" in input.roles
d := 2 if "editor" in input.roles
d_object[name] := size if { some size, name in input.roles }
default d_fn := 0
d_fn := f(input.action)
f(x) := 1 if startswith(x, "r")
f(x) := 2 if endswith(x, "d")`,
  ),
  one(
    'defaults_and_else',
    `default d := {"allow": false, "code": 403}
d := {"allow": true, "code": 200} if input.action == "read"
else := {"allow": true, "code": 201} if input.user == input.resource.owner
else := {"allow": false, "code": 404} if not input.resource.type`,
  ),
  one(
    'functions',
    `d := limit(input.resource.type) >= input.amount
limit(type) := data.limits[type]
limit(type) := 1 if not data.limits[type]
d_path := joined(split(input.path_text, "/"))
joined(parts) := concat(".", array.slice(parts, 1, 3))`,
  ),
  one(
    'networks',
    `default d := "outside"
d := name if { some name, nets in data.networks; some net in nets; net.cidr_contains(net, input.ip) }
d_size := count(net.cidr_expand("192.168.1.0/29"))
d_meets if net.cidr_intersects("10.1.0.0/16", "10.0.0.0/8")
d_merged := net.cidr_merge(["10.0.0.0/9", "10.128.0.0/9"])`.replace(
      'some net in nets; net.cidr_contains(net',
      'some block in nets; net.cidr_contains(block',
    ),
  ),
  one(
    'encodings',
    `d := base64.encode(input.text)
d_back := base64.decode(base64.encode(input.text))
d_url := base64url.encode(input.text)
d_json := json.marshal(input.resource)
d_read := json.unmarshal(json.marshal(input.resource)) == input.resource
d_yaml := yaml.unmarshal(yaml.marshal(input.resource))
d_query := urlquery.encode_object({"q": input.text, "user": input.user})
d_hex := hex.encode(input.user)
d_valid if json.is_valid(input.text)`,
  ),
  one(
    'hashes',
    `d := crypto.sha256(input.text)
d_short := substring(crypto.md5(input.user), 0, 8)
d_mac := crypto.hmac.sha256(input.text, "key")
d_same if crypto.hmac.equal(crypto.sha1(input.user), crypto.sha1(input.resource.owner))`,
  ),
  one(
    'tokens',
    `parts := io.jwt.decode(input.token)
d := parts[1].sub
d_alg := parts[0].alg
d_valid if io.jwt.verify_hs256(input.token, "secret")
d_checked := io.jwt.decode_verify(input.token, {"secret": "secret", "alg": "HS256"})`,
  ),
  one(
    'versions',
    `d := semver.compare(input.version, "1.10.0")
d_valid if semver.is_valid(input.version)
d_bytes := units.parse_bytes(input.size)
d_units := units.parse(input.size)`,
  ),
  one(
    'with_mocks',
    `allowed if { input.user == "ann"; data.limits.doc > 5 }
d if allowed with input.user as "ann"
default d_data := false
d_data if allowed with data.limits.doc as 1
d_fn := x if { x := g(input.action) with f as fake }
f(x) := concat("", [x, "!"])
fake(x) := upper(x)
g(x) := f(x)`,
  ),
  one(
    'violations',
    `violation contains {"msg": msg, "field": "image"} if { some c in input.containers; not startswith(c.image, "registry.example.com/"); msg := sprintf("container <%v> has image %v", [c.name, c.image]) }
violation contains {"msg": msg, "field": "limits"} if { some c in input.containers; not c.limits.cpu; msg := sprintf("container <%v> has no cpu limit", [c.name]) }
violation contains {"msg": msg, "field": "privileged"} if { some i; input.containers[i].privileged; msg := sprintf("container %d is privileged", [i]) }
d := violation
d_count := count(violation)
d_allowed if count(violation) == 0`,
  ),
  one(
    'data_lookups',
    `d := data.limits[input.resource.type]
d_dynamic := data.roles[input.roles[0]][input.section]
d_names contains name if { some name; data.roles[name].inherits }
d_whole := data.tags`,
  ),
  one(
    'numbers_exact',
    `d := input.big
d_more := input.big + 1
d_equal if input.big == 12345678901234567890
d_sorted := sort([input.big, 1.50, 1e2, -0.0])
d_text := format_int(input.big, 10)`,
  ),
  one(
    'recursion_by_walk',
    `d := {name: inherited | some name, role in data.roles; inherited := {up | some up in role.inherits}}
d_paths := graph.reachable_paths(data.graph, ["admin"])`,
  ),
  one(
    'unicode',
    `d := count(input.text)
d_reverse := strings.reverse(input.name)
d_lower := lower(input.name)
d_slice := substring(input.name, 1, 2)
d_order := sort({input.name, "é", "z", "𝒳", "￿"})
d_match if regex.match("^\\\\p{L}+$", input.name)`,
  ),
  one(
    'templates',
    `d := $"{input.user} asks to {input.action} {input.resource.type}"
d_numbers := $"{input.numbers} and {input.missing}"`,
  ),
];
