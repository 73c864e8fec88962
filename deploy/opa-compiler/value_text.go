package main

import (
	"bytes"
	"encoding/json"

	"github.com/open-policy-agent/opa/v1/ast"
)

// valueText writes a value as opa_value_parse reads it: JSON, but for sets and keys that are no strings. Rego's own form
// escapes strings as Go does, which is not JSON.
func valueText(out *bytes.Buffer, value ast.Value) {
	switch value := value.(type) {
	case ast.String:
		quoted(out, string(value))
	case *ast.Array:
		out.WriteByte('[')
		between := comma(out)
		value.Foreach(func(item *ast.Term) {
			between()
			valueText(out, item.Value)
		})
		out.WriteByte(']')
	case ast.Set:
		if value.Len() == 0 {
			out.WriteString("set()")
			return
		}
		out.WriteByte('{')
		between := comma(out)
		value.Foreach(func(item *ast.Term) {
			between()
			valueText(out, item.Value)
		})
		out.WriteByte('}')
	case ast.Object:
		out.WriteByte('{')
		between := comma(out)
		value.Foreach(func(key, item *ast.Term) {
			between()
			valueText(out, key.Value)
			out.WriteByte(':')
			valueText(out, item.Value)
		})
		out.WriteByte('}')
	default:
		out.WriteString(value.String())
	}
}

func comma(out *bytes.Buffer) func() {
	first := true
	return func() {
		if !first {
			out.WriteByte(',')
		}
		first = false
	}
}

// quoted ends with the line break that an encoder adds, which is cut off.
func quoted(out *bytes.Buffer, text string) {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic(err)
	}
	out.Truncate(out.Len() - 1)
}
