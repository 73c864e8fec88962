package main

import (
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
)

// Names of the builtins that are called as OPA's own functions although its WebAssembly has them too.
const exactPrefix = "exact."

// exact lists builtins whose WebAssembly gives other values than OPA itself: fewer digits, another order of sets, other
// escapes, invalid JSON taken for valid, an endless loop.
var exact = map[string]*ast.Builtin{}

func init() {
	for _, builtin := range []*ast.Builtin{
		ast.Divide, ast.Minus, ast.Round, ast.FormatInt, ast.Concat, ast.Replace, ast.IndexOf,
		ast.JSONMarshal, ast.JSONUnmarshal, ast.JSONIsValid,
		ast.Base64IsValid, ast.Base64Decode, ast.Base64UrlDecode,
	} {
		exact[builtin.Name] = builtin
	}
}

// withExact adds the exact builtins to those that may be called.
func withExact(capabilities *ast.Capabilities) *ast.Capabilities {
	more := *capabilities
	more.Builtins = append([]*ast.Builtin{}, capabilities.Builtins...)
	for _, builtin := range capabilities.Builtins {
		if _, ok := exact[builtin.Name]; !ok {
			continue
		}
		named := *builtin
		named.Name, named.Infix = exactPrefix+builtin.Name, ""
		more.Builtins = append(more.Builtins, &named)
	}
	return &more
}

// callExact renames calls of the exact builtins, but where a package gives the name another meaning.
func callExact(modules []bundle.ModuleFile) {
	taken := map[string]map[string]bool{}
	for _, file := range modules {
		names := named(taken, file.Parsed.Package.Path.String())
		for _, rule := range file.Parsed.Rules {
			names[string(rule.Head.Ref()[0].Value.(ast.Var))] = true
		}
	}
	for _, file := range modules {
		names := map[string]bool{}
		for name := range taken[file.Parsed.Package.Path.String()] {
			names[name] = true
		}
		for _, imported := range file.Parsed.Imports {
			names[string(imported.Name())] = true
		}
		rename(file.Parsed, names)
	}
}

func named(taken map[string]map[string]bool, path string) map[string]bool {
	if taken[path] == nil {
		taken[path] = map[string]bool{}
	}
	return taken[path]
}

func rename(module *ast.Module, taken map[string]bool) {
	operator := func(term *ast.Term) {
		ref, ok := term.Value.(ast.Ref)
		if !ok {
			return
		}
		name := ref.String()
		if _, ok := exact[name]; ok && !taken[strings.Split(name, ".")[0]] {
			term.Value = ast.MustParseRef(exactPrefix + name)
		}
	}
	ast.WalkTerms(module, func(term *ast.Term) bool {
		if call, ok := term.Value.(ast.Call); ok {
			operator(call[0])
		}
		return false
	})
	ast.WalkExprs(module, func(expr *ast.Expr) bool {
		if terms, ok := expr.Terms.([]*ast.Term); ok {
			operator(terms[0])
		}
		for _, with := range expr.With {
			operator(with.Target)
			operator(with.Value)
		}
		return false
	})
}

// Builtins for whose value the order of an array does not count.
var orderless = map[string]bool{"count": true, "sum": true, "max": true, "min": true, "sort": true}

// orderedOf finds array comprehensions: over sets and objects their items are in OPA's order of values, and in the order
// of hashes in its WebAssembly.
func orderedOf(modules []bundle.ModuleFile) []problem {
	found := []problem{}
	for _, file := range modules {
		sorted := map[*ast.Term]bool{}
		ignore := func(terms []*ast.Term) {
			if orderless[terms[0].String()] {
				for _, operand := range terms[1:] {
					sorted[operand] = true
				}
			}
		}
		ast.WalkExprs(file.Parsed, func(expr *ast.Expr) bool {
			if terms, ok := expr.Terms.([]*ast.Term); ok {
				ignore(terms)
			}
			return false
		})
		ast.WalkTerms(file.Parsed, func(term *ast.Term) bool {
			switch value := term.Value.(type) {
			case ast.Call:
				ignore(value)
			case *ast.ArrayComprehension:
				if !sorted[term] && term.Location != nil {
					found = append(found, problem{
						File: file.Path, Row: term.Location.Row, Col: term.Location.Col, Code: "iteration_order",
						Message: "the order of the array may differ from OPA's where it is made of a set or an object",
					})
				}
			}
			return false
		})
	}
	return found
}
