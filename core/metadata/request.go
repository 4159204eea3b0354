package metadata

import (
	"encoding/base64"
	"fmt"
	"strings"

	"dockerinit/core/exit"
)

// A request is one question to the host and what came of it. Its fields are
// guarded by Client.mu until its call is done.
type request struct {
	word string
	key  string
	put  string // what a PUT writes
	call *call
	id   [8]byte // on the present connection

	written bool // at least once

	answered bool
	found    bool
	value    string
	err      error
}

// check refuses what cannot be asked, or would mean something else on its way.
func (r *request) check() error {
	if r.word == wordKeys {
		return nil
	}
	if r.key == "" {
		return exit.MetadataFailed.Wrap(&KeyError{r.key, "a key cannot be empty"})
	}
	if strings.ContainsFunc(r.key, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return exit.MetadataFailed.Wrap(&KeyError{r.key, "a key cannot have control characters"})
	}
	if len(r.put) > MaxValue {
		return exit.MetadataFailed.Wrap(&KeyError{r.key, errTooLarge})
	}
	return nil
}

const errTooLarge = "the value is larger than 16 MiB" // MaxValue

// appendV2 appends the request as a frame.
func (r *request) appendV2(dst []byte) []byte {
	switch r.word {
	case wordKeys:
		return AppendFrame(dst, string(r.id[:]), r.word, "")
	case wordPut:
		return AppendFrame(dst, string(r.id[:]), r.word, putArgument(r.key, r.put))
	}
	return AppendFrame(dst, string(r.id[:]), r.word, r.key)
}

// v2Size is an upper bound for what appendV2 appends.
func (r *request) v2Size() int {
	n := len(r.key)
	if r.word == wordPut {
		n = base64.StdEncoding.EncodedLen(n) + 1 + base64.StdEncoding.EncodedLen(len(r.put))
	}
	return 48 + base64.StdEncoding.EncodedLen(n)
}

// wrote notes that the request is written, or never will be.
func (r *request) wrote() {
	if r.written {
		return
	}
	r.written = true
	if r.call.sent != nil {
		if r.call.unsent--; r.call.unsent == 0 {
			close(r.call.sent)
		}
	}
}

// checkV1 refuses what version 1 has no words for.
func (r *request) checkV1() error {
	if r.word == wordPut || r.word == wordDelete {
		return exit.MetadataTooOld.Errorf("metadata: %s %q: the host speaks version 1 of the protocol, which cannot write", r.word, r.key)
	}
	if r.word == wordGet && !v1Safe(r.key) {
		return exit.MetadataFailed.Wrap(&KeyError{r.key, "version 1 of the protocol, which the host speaks, has no such key"})
	}
	return nil
}

func (r *request) appendV1(dst []byte) []byte {
	dst = append(dst, r.word...)
	if r.word == wordGet {
		dst = append(dst, ' ')
		dst = append(dst, r.key...)
	}
	return append(dst, '\n')
}

// answer takes what the host said. The result is the request's error.
func (r *request) answer(word, payload string) error {
	switch {
	case word == wordSuccess && len(payload) > MaxValue:
		return r.refused(errTooLarge)
	case word == wordSuccess:
		r.found, r.value = true, payload
		return nil
	case word == wordNotFound && r.word == wordGet:
		return nil
	case word == wordNotFound:
		return r.refused("the host found nothing to " + strings.ToLower(r.word))
	case payload == "":
		return r.refused("the host refused the " + r.word)
	}
	const shown = 200
	if len(payload) > shown {
		return r.refused(fmt.Sprintf("the host refused the %s: %q…", r.word, payload[:shown]))
	}
	return r.refused(fmt.Sprintf("the host refused the %s: %q", r.word, payload))
}

func (r *request) refused(message string) error {
	if r.word == wordKeys {
		return exit.MetadataFailed.Errorf("metadata: the list of keys: %s", message)
	}
	return exit.MetadataFailed.Wrap(&KeyError{r.key, message})
}
