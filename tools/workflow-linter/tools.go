//go:build tools

// Package tools keeps the linter's main package among the requirements: `go mod tidy` drops what nothing imports.
package tools

import _ "github.com/rhysd/actionlint/cmd/actionlint"
