//go:build tools

// Package tools keeps the main package among the requirements: `go mod tidy` drops what nothing imports.
package tools

import _ "go.etcd.io/etcd/server/v3"
