//go:build tools

// Package tools keeps the CLI's main package among the requirements: `go mod tidy` drops what nothing imports.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
