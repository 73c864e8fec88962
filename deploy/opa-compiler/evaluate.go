package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/topdown/builtins"
	"github.com/open-policy-agent/opa/v1/util"
)

// A policy that prepare took, and its queries by path.
type reference struct {
	compiler *ast.Compiler
	store    storage.Store
	queries  map[string]rego.PreparedEvalQuery
}

const referencesMax = 8

// By the key that the host gave them; the oldest goes first.
var references = map[string]*reference{}
var referenceKeys []string

type decisionRequest struct {
	Key      string          `json:"key"`
	Path     string          `json:"path"`
	Input    json.RawMessage `json:"input"`
	Nanos    int64           `json:"now_ns"`
	NDCached json.RawMessage `json:"nd_builtin_cache"`
}

// Kind is value, undefined, unprepared, not_replayable (Message: the builtin) or error.
type decisionAnswer struct {
	Kind    string          `json:"kind"`
	Value   json.RawMessage `json:"value,omitempty"`
	Message string          `json:"message,omitempty"`
}

// errUnlogged stops an evaluation that asks for what only the log could answer.
type errUnlogged struct{ builtin string }

func (e errUnlogged) Error() string { return e.builtin }

// Builtins that look at the world are answered from the log, which the evaluator does before it calls them: whoever
// gets here was not answered.
func init() {
	for _, declared := range ast.Builtins {
		if !declared.Nondeterministic || declared.Name == ast.NowNanos.Name || isPure(declared.Name) {
			continue
		}
		name := declared.Name
		topdown.RegisterBuiltinFunc(name, func(topdown.BuiltinContext, []*ast.Term, func(*ast.Term) error) error {
			return topdown.Halt{Err: errUnlogged{name}}
		})
	}
}

// isPure: called non-deterministic by OPA, but answered from nothing but operands and the time given.
func isPure(name string) bool {
	return strings.HasPrefix(name, "rego.metadata.") || name == ast.JWTDecodeVerify.Name
}

func prepare(body []byte) []byte {
	var request policyRequest
	if err := json.Unmarshal(body, &request); err != nil {
		return marshal(failed(err))
	}
	modules, err := parse(request)
	if err != nil {
		return marshal(failed(err))
	}
	capabilities, err := ast.LoadCapabilitiesJSON(bytes.NewReader(request.Capabilities))
	if err != nil {
		return marshal(failed(err))
	}
	parsed := map[string]*ast.Module{}
	for _, file := range modules {
		parsed[file.Path] = file.Parsed
	}
	compiler := ast.NewCompiler().WithCapabilities(capabilities)
	if compiler.Compile(parsed); compiler.Failed() {
		return marshal(failed(compiler.Errors))
	}
	var data map[string]any
	if err := util.UnmarshalJSON(request.Data, &data); err != nil {
		return marshal(failed(err))
	}
	keep(request.Key, &reference{compiler, inmem.NewFromObject(data), map[string]rego.PreparedEvalQuery{}})
	return marshal(compileAnswer{Entrypoints: []string{}, Builtins: []string{}})
}

func keep(key string, prepared *reference) {
	if _, known := references[key]; !known {
		referenceKeys = append(referenceKeys, key)
	}
	references[key] = prepared
	if len(referenceKeys) > referencesMax {
		delete(references, referenceKeys[0])
		referenceKeys = referenceKeys[1:]
	}
}

func evaluate(body []byte) []byte {
	var request decisionRequest
	if err := json.Unmarshal(body, &request); err != nil {
		return marshal(decisionAnswer{Kind: "error", Message: err.Error()})
	}
	answer, err := decide(request)
	var unlogged errUnlogged
	switch {
	case errors.As(err, &unlogged):
		return marshal(decisionAnswer{Kind: "not_replayable", Message: unlogged.builtin})
	case err != nil:
		return marshal(decisionAnswer{Kind: "error", Message: err.Error()})
	}
	return marshal(answer)
}

func decide(request decisionRequest) (decisionAnswer, error) {
	prepared, known := references[request.Key]
	if !known {
		return decisionAnswer{Kind: "unprepared"}, nil
	}
	query, err := prepared.queryOf(request.Path)
	if err != nil {
		return decisionAnswer{}, err
	}
	options := []rego.EvalOption{rego.EvalTime(timeOf(request.Nanos))}
	if request.Input != nil {
		input, err := ast.ValueFromReader(bytes.NewReader(request.Input))
		if err != nil {
			return decisionAnswer{}, err
		}
		options = append(options, rego.EvalParsedInput(input))
	}
	cache, err := loggedAnswers(request.NDCached)
	if err != nil {
		return decisionAnswer{}, err
	}
	options = append(options, rego.EvalNDBuiltinCache(cache))
	results, err := query.Eval(context.Background(), options...)
	if err != nil {
		return decisionAnswer{}, err
	}
	if len(results) == 0 {
		return decisionAnswer{Kind: "undefined"}, nil
	}
	value, err := json.Marshal(results[0].Expressions[0].Value)
	return decisionAnswer{Kind: "value", Value: value}, err
}

// loggedAnswers reads nd_builtin_cache, where operands are JSON in a string.
func loggedAnswers(text json.RawMessage) (builtins.NDBCache, error) {
	cache := builtins.NDBCache{}
	if text == nil {
		return cache, nil
	}
	var names map[string]map[string]json.RawMessage
	if err := json.Unmarshal(text, &names); err != nil {
		return nil, err
	}
	for name, calls := range names {
		for operands, answer := range calls {
			key, err := ast.ValueFromReader(strings.NewReader(operands))
			if err != nil {
				return nil, err
			}
			value, err := ast.ValueFromReader(bytes.NewReader(answer))
			if err != nil {
				return nil, err
			}
			cache.Put(name, key, value)
		}
	}
	return cache, nil
}

// queryOf makes a query of a path as OPA's server does: names that are whole numbers are numbers.
func (r *reference) queryOf(path string) (rego.PreparedEvalQuery, error) {
	if known, ok := r.queries[path]; ok {
		return known, nil
	}
	ref := ast.Ref{ast.DefaultRootDocument}
	for _, name := range strings.Split(path, "/") {
		if number, err := strconv.Atoi(name); err == nil {
			ref = append(ref, ast.IntNumberTerm(number))
		} else {
			ref = append(ref, ast.StringTerm(name))
		}
	}
	query, err := rego.New(
		rego.Compiler(r.compiler),
		rego.Store(r.store),
		rego.ParsedQuery(ast.NewBody(ast.NewExpr(ast.NewTerm(ref)))),
	).PrepareForEval(context.Background())
	if err == nil {
		r.queries[path] = query
	}
	return query, err
}

func marshal(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		text, _ = json.Marshal(decisionAnswer{Kind: "error", Message: err.Error()})
	}
	return text
}
