package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/topdown/builtins"
)

// First byte of callBuiltin's answer.
const (
	builtinUndefined = '0'
	builtinValue     = '1'
	// OPA stops the query, where other failures of builtins are undefined.
	builtinHalt = '2'
)

var stop = errors.New("one answer is enough")

// callBuiltin runs OPA's own function. Operands and answer are Rego values as text, which knows sets from arrays.
func callBuiltin(body []byte) []byte {
	parts := bytes.Split(body, []byte{0})
	name := strings.TrimPrefix(string(parts[0]), exactPrefix)
	nanos, err := strconv.ParseInt(string(parts[1]), 10, 64)
	if err != nil {
		return append([]byte{builtinHalt}, err.Error()...)
	}
	operands := make([]*ast.Term, 0, len(parts)-2)
	for _, part := range parts[2:] {
		term, err := valueOf(part)
		if err != nil {
			return append([]byte{builtinHalt}, err.Error()...)
		}
		operands = append(operands, term)
	}
	function := topdown.GetBuiltin(name)
	if function == nil {
		return append([]byte{builtinHalt}, ("no builtin " + name)...)
	}
	at := topdown.BuiltinContext{
		Context:  context.Background(),
		Time:     ast.NumberTerm(json.Number(strconv.FormatInt(nanos, 10))),
		Cache:    builtins.Cache{},
		Location: ast.NewLocation(nil, "", 0, 0),
	}
	var out []byte
	err = function(at, operands, func(value *ast.Term) error {
		var text bytes.Buffer
		text.WriteByte(builtinValue)
		valueText(&text, value.Value)
		out = text.Bytes()
		return stop
	})
	var halt topdown.Halt
	switch {
	case errors.As(err, &halt):
		return append([]byte{builtinHalt}, halt.Error()...)
	case out == nil:
		return []byte{builtinUndefined}
	}
	return out
}

func timeOf(nanos int64) time.Time { return time.Unix(0, nanos) }
