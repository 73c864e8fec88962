package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

const valueDepthMax = 512

var errValue = errors.New("operand is no Rego value")

// valueReader reads what opa_value_dump writes: JSON, sets ({1, 2}, set()) and objects whose keys are any value. OPA's
// parser reads it too, but as a program, at a hundred times the cost.
type valueReader struct {
	text  []byte
	at    int
	depth int
}

func valueOf(text []byte) (*ast.Term, error) {
	reader := valueReader{text: text}
	term, err := reader.value()
	if err == nil && reader.next() != 0 {
		err = errValue
	}
	if err != nil {
		return nil, fmt.Errorf("operand at %d: %w", reader.at, err)
	}
	return term, nil
}

// next is the byte at which the next token begins; 0 at the end.
func (r *valueReader) next() byte {
	for r.at < len(r.text) && (r.text[r.at] == ' ' || r.text[r.at] == '\n' || r.text[r.at] == '\t') {
		r.at++
	}
	if r.at == len(r.text) {
		return 0
	}
	return r.text[r.at]
}

func (r *valueReader) take(token string) bool {
	if r.next() == 0 || !bytes.HasPrefix(r.text[r.at:], []byte(token)) {
		return false
	}
	r.at += len(token)
	return true
}

func (r *valueReader) value() (*ast.Term, error) {
	if r.depth++; r.depth > valueDepthMax {
		return nil, errValue
	}
	defer func() { r.depth-- }()
	switch r.next() {
	case '"':
		return r.str()
	case '[':
		r.at++
		items, err := r.items("]")
		return ast.ArrayTerm(items...), err
	case '{':
		r.at++
		return r.braces()
	}
	switch {
	case r.take("null"):
		return ast.NullTerm(), nil
	case r.take("true"):
		return ast.BooleanTerm(true), nil
	case r.take("false"):
		return ast.BooleanTerm(false), nil
	case r.take("set()"):
		return ast.SetTerm(), nil
	}
	return r.number()
}

func (r *valueReader) number() (*ast.Term, error) {
	start := r.at
	for r.at < len(r.text) && bytes.IndexByte([]byte("+-.0123456789eE"), r.text[r.at]) >= 0 {
		r.at++
	}
	if start == r.at {
		return nil, errValue
	}
	return ast.NumberTerm(json.Number(r.text[start:r.at])), nil
}

func (r *valueReader) str() (*ast.Term, error) {
	start := r.at
	escaped := false
	for r.at++; r.at < len(r.text) && r.text[r.at] != '"'; r.at++ {
		if r.text[r.at] == '\\' {
			escaped = true
			r.at++
		}
	}
	if r.at >= len(r.text) {
		return nil, errValue
	}
	r.at++
	if !escaped {
		return ast.StringTerm(string(r.text[start+1 : r.at-1])), nil
	}
	var plain string
	err := json.Unmarshal(r.text[start:r.at], &plain)
	return ast.StringTerm(plain), err
}

func (r *valueReader) items(end string) ([]*ast.Term, error) {
	items := []*ast.Term{}
	for !r.take(end) {
		if len(items) > 0 && !r.take(",") {
			return nil, errValue
		}
		item, err := r.value()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// braces reads an object or a set, which its first member tells apart.
func (r *valueReader) braces() (*ast.Term, error) {
	if r.take("}") {
		return ast.ObjectTerm(), nil
	}
	first, err := r.value()
	if err != nil {
		return nil, err
	}
	if r.take(",") {
		rest, err := r.items("}")
		return ast.SetTerm(append(rest, first)...), err
	}
	if r.take("}") {
		return ast.SetTerm(first), nil
	}
	return r.object(first)
}

func (r *valueReader) object(key *ast.Term) (*ast.Term, error) {
	object := ast.NewObject()
	for {
		if !r.take(":") {
			return nil, errValue
		}
		value, err := r.value()
		if err != nil {
			return nil, err
		}
		object.Insert(key, value)
		if r.take("}") {
			return ast.NewTerm(object), nil
		}
		if !r.take(",") {
			return nil, errValue
		}
		if key, err = r.value(); err != nil {
			return nil, err
		}
	}
}
