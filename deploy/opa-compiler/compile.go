package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	opacompile "github.com/open-policy-agent/opa/v1/compile"
)

type policyRequest struct {
	Key          string            `json:"key"`
	Modules      map[string]string `json:"modules"`
	Entrypoints  []string          `json:"entrypoints"`
	RegoVersion  int               `json:"rego_version"`
	Capabilities json.RawMessage   `json:"capabilities"`
	Data         json.RawMessage   `json:"data"`
}

type problem struct {
	File    string `json:"file"`
	Row     int    `json:"row"`
	Col     int    `json:"col"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

type compileAnswer struct {
	Problems    []problem `json:"problems,omitempty"`
	Unknown     []string  `json:"unknown_entrypoints,omitempty"`
	Entrypoints []string  `json:"entrypoints"`
	Packages    []string  `json:"packages"`
	Builtins    []string  `json:"builtins"`
	Caveats     []problem `json:"caveats"`
}

func compile(body []byte) []byte {
	head, wasm := compileRequest(body)
	text, err := json.Marshal(head)
	if err != nil {
		panic(err)
	}
	out := binary.LittleEndian.AppendUint32(nil, uint32(len(text)))
	return append(append(out, text...), wasm...)
}

func compileRequest(body []byte) (compileAnswer, []byte) {
	var request policyRequest
	if err := json.Unmarshal(body, &request); err != nil {
		return failed(err), nil
	}
	capabilities, err := ast.LoadCapabilitiesJSON(bytes.NewReader(request.Capabilities))
	if err != nil {
		return failed(err), nil
	}
	modules, err := parse(request)
	if err != nil {
		return failed(err), nil
	}
	// The set is checked as a whole first: all that is wrong with it, and what may be asked of it.
	checked := ast.NewCompiler().WithCapabilities(capabilities).WithStrict(false)
	parsed := map[string]*ast.Module{}
	for _, file := range modules {
		parsed[file.Path] = file.Parsed
	}
	if checked.Compile(parsed); checked.Failed() {
		return failed(checked.Errors), nil
	}
	known := entrypointsOf(modules)
	wanted := request.Entrypoints
	if len(wanted) == 0 {
		wanted = known
	}
	if unknown := without(wanted, known); len(unknown) > 0 {
		return compileAnswer{Unknown: unknown, Entrypoints: known}, nil
	}
	return build(request, capabilities, checked, wanted)
}

func build(request policyRequest, capabilities *ast.Capabilities, checked *ast.Compiler, wanted []string) (compileAnswer, []byte) {
	// Compiling rewrites modules in place, so they are parsed again.
	modules, err := parse(request)
	if err != nil {
		return failed(err), nil
	}
	packages, caveats := packagesOf(modules), orderedOf(modules)
	callExact(modules)
	source := &bundle.Bundle{Data: map[string]any{}, Modules: modules}
	source.SetRegoVersion(regoVersion(request.RegoVersion))
	source.Manifest.Init()
	compiler := opacompile.New().
		WithTarget(opacompile.TargetWasm).
		WithCapabilities(withExact(capabilities)).
		WithRegoVersion(regoVersion(request.RegoVersion)).
		WithBundle(source).
		WithEntrypoints(wanted...).
		WithPruneUnused(true)
	if err := compiler.Build(context.Background()); err != nil {
		return failed(err), nil
	}
	built := compiler.Bundle()
	return compileAnswer{
		Entrypoints: wanted,
		Packages:    packages,
		Builtins:    builtinsOf(checked),
		Caveats:     caveats,
	}, built.WasmModules[0].Raw
}

func parse(request policyRequest) ([]bundle.ModuleFile, error) {
	paths := make([]string, 0, len(request.Modules))
	for path := range request.Modules {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	var files []bundle.ModuleFile
	var found ast.Errors
	options := ast.ParserOptions{RegoVersion: regoVersion(request.RegoVersion), ProcessAnnotation: false}
	for _, path := range paths {
		text := request.Modules[path]
		module, err := ast.ParseModuleWithOpts(path, text, options)
		var several ast.Errors
		switch {
		case errors.As(err, &several):
			found = append(found, several...)
		case err != nil:
			return nil, err
		case module == nil:
			found = append(found, ast.NewError(ast.ParseErr, ast.NewLocation(nil, path, 1, 1), "empty module"))
		default:
			files = append(files, bundle.ModuleFile{URL: path, Path: path, Raw: []byte(text), Parsed: module})
		}
	}
	if len(found) > 0 {
		return nil, found
	}
	return files, nil
}

func regoVersion(version int) ast.RegoVersion {
	if version == 0 {
		return ast.RegoV0
	}
	return ast.RegoV1
}

var plainPath = regexp.MustCompile(`^[A-Za-z_][\w]*(/[\w$.:@ -]+)*$`)

// entrypointsOf lists packages and rules that have a fixed name; functions are neither.
func entrypointsOf(modules []bundle.ModuleFile) []string {
	names := map[string]struct{}{}
	functions := map[string]struct{}{}
	for _, file := range modules {
		add(names, file.Parsed.Package.Path)
		for _, rule := range file.Parsed.Rules {
			ref := file.Parsed.Package.Path.Extend(rule.Head.Ref().GroundPrefix())
			if len(rule.Head.Args) > 0 {
				add(functions, ref)
			} else {
				add(names, ref)
			}
		}
	}
	list := make([]string, 0, len(names))
	for name := range names {
		if _, taken := functions[name]; !taken {
			list = append(list, name)
		}
	}
	sort.Strings(list)
	return list
}

func packagesOf(modules []bundle.ModuleFile) []string {
	names := map[string]struct{}{}
	for _, file := range modules {
		add(names, file.Parsed.Package.Path)
	}
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}

func add(names map[string]struct{}, ref ast.Ref) {
	parts := make([]string, 0, len(ref))
	for _, term := range ref[1:] {
		part, ok := term.Value.(ast.String)
		if !ok || strings.Contains(string(part), "/") {
			return
		}
		parts = append(parts, string(part))
	}
	if name := strings.Join(parts, "/"); plainPath.MatchString(name) {
		names[name] = struct{}{}
	}
}

func without(names, known []string) []string {
	var missing []string
	for _, name := range names {
		at := sort.SearchStrings(known, name)
		if at == len(known) || known[at] != name {
			missing = append(missing, name)
		}
	}
	return missing
}

// builtinsOf lists what the rules call, wherever they call it.
func builtinsOf(compiler *ast.Compiler) []string {
	called := map[string]struct{}{}
	for _, module := range compiler.Modules {
		ast.WalkExprs(module, func(expr *ast.Expr) bool {
			if expr.IsCall() {
				called[expr.Operator().String()] = struct{}{}
			}
			return false
		})
		ast.WalkTerms(module, func(term *ast.Term) bool {
			if call, ok := term.Value.(ast.Call); ok {
				called[call[0].String()] = struct{}{}
			}
			return false
		})
	}
	names := []string{}
	for name := range called {
		if _, ok := ast.BuiltinMap[name]; ok {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

var undefinedFunction = regexp.MustCompile(`undefined function ([\w.]+)`)

func failed(err error) compileAnswer {
	var several ast.Errors
	var one *ast.Error
	switch {
	case errors.As(err, &several):
	case errors.As(err, &one):
		several = ast.Errors{one}
	default:
		code := "policy_invalid"
		if errors.Is(err, errors.ErrUnsupported) {
			code = "unsupported"
		}
		return compileAnswer{Problems: []problem{{Code: code, Message: err.Error()}}}
	}
	problems := make([]problem, 0, len(several))
	for _, each := range several {
		next := problem{Code: each.Code, Message: each.Message}
		if each.Location != nil {
			next.File, next.Row, next.Col = each.Location.File, each.Location.Row, each.Location.Col
		}
		if match := undefinedFunction.FindStringSubmatch(each.Message); match != nil {
			if _, exists := ast.BuiltinMap[match[1]]; exists {
				next.Code, next.Message = "builtin_not_allowed", fmt.Sprintf("builtin_not_allowed: %s", match[1])
			}
		}
		problems = append(problems, next)
	}
	return compileAnswer{Problems: problems}
}
