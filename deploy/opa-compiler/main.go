// Package main is OPA for a host that is not Go: its compiler from Rego to WebAssembly, the builtins that its
// WebAssembly leaves to the host, and its own evaluator as the reference. Built as a WASI reactor; every call takes one
// request from memory and leaves one answer there. It opens no file and no connection: the host gives it neither.
package main

import (
	"unsafe"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Both live until the next call; the host copies the answer before it calls again.
var request, answer []byte

func main() {}

// allocate makes room for a request and says where.
//
//go:wasmexport allocate
func allocate(size uint32) unsafe.Pointer {
	request = make([]byte, size+1)
	return unsafe.Pointer(&request[0])
}

//go:wasmexport answer_size
func answerSize() uint32 { return uint32(len(answer)) }

func reply(bytes []byte) unsafe.Pointer {
	answer = append(bytes, 0)[:len(bytes)]
	return unsafe.Pointer(unsafe.SliceData(answer))
}

func asked() []byte { return request[:len(request)-1] }

// compile: JSON in; out: the length of a JSON head (4 bytes, little endian), the head, the WebAssembly.
//
//go:wasmexport compile
func compileExport() unsafe.Pointer { return reply(compile(asked())) }

// builtin: name, nanoseconds and operands, each behind a zero byte; out: see callBuiltin.
//
//go:wasmexport builtin
func builtinExport() unsafe.Pointer { return reply(callBuiltin(asked())) }

// prepare takes a policy for evaluate: JSON in and out.
//
//go:wasmexport prepare
func prepareExport() unsafe.Pointer { return reply(prepare(asked())) }

// evaluate: one decision of the prepared policy by OPA's own evaluator, JSON in and out.
//
//go:wasmexport evaluate
func evaluateExport() unsafe.Pointer { return reply(evaluate(asked())) }

// capabilities: all that this OPA can do, as JSON; the host keeps a part of it as what policies may do.
//
//go:wasmexport capabilities
func capabilitiesExport() unsafe.Pointer { return reply(marshal(ast.CapabilitiesForThisVersion())) }
