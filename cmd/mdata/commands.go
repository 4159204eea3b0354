package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"dockerinit/core/metadata"
)

// A command has its bounds of arguments, and what it does with them. Its int is
// the exit status.
type command struct {
	least, most int
	run         func(ctx context.Context, c *metadata.Client, args []string, std stdio) (int, error)
}

var commands = map[string]command{
	"get":    {1, 1, get},
	"put":    {1, 2, put},
	"delete": {1, 1, remove},
	"list":   {0, 0, list},
}

func get(ctx context.Context, c *metadata.Client, args []string, std stdio) (int, error) {
	values, err := c.Get(ctx, args[0])
	if err != nil {
		return exitError, err
	}
	value, ok := values[args[0]]
	if !ok {
		return exitNotFound, fmt.Errorf("there is no metadata key %q", args[0])
	}
	if !strings.HasSuffix(value, "\n") {
		value += "\n"
	}
	return done(io.WriteString(std.out, value))
}

func put(ctx context.Context, c *metadata.Client, args []string, std stdio) (int, error) {
	value := ""
	if len(args) == 2 {
		value = args[1]
	} else {
		// One byte more than is allowed, so that too much is an error and not cut off.
		all, err := io.ReadAll(io.LimitReader(std.in, metadata.MaxValue+1))
		if err != nil {
			return exitError, fmt.Errorf("standard input: %w", err)
		}
		value = string(all)
	}
	err := c.Put(ctx, args[0], value)
	if _, refused := errors.AsType[*metadata.KeyError](err); refused && value == "" {
		err = fmt.Errorf("%w: the value is empty; mdata delete %s removes the key", err, args[0])
	}
	return done(0, err)
}

func remove(ctx context.Context, c *metadata.Client, args []string, _ stdio) (int, error) {
	return done(0, c.Delete(ctx, args[0]))
}

func list(ctx context.Context, c *metadata.Client, _ []string, std stdio) (int, error) {
	keys, err := c.Keys(ctx)
	if err != nil {
		return exitError, err
	}
	var text strings.Builder
	for _, key := range keys {
		text.WriteString(key)
		text.WriteByte('\n')
	}
	return done(io.WriteString(std.out, text.String()))
}

// done is the status of what either failed or did not.
func done(_ int, err error) (int, error) {
	if err != nil {
		return exitError, err
	}
	return exitDone, nil
}
