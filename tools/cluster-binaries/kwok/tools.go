//go:build tools

// Package tools keeps the main package among the requirements: `go mod tidy` drops what nothing imports.
package tools

import _ "sigs.k8s.io/kwok/cmd/kwok"
