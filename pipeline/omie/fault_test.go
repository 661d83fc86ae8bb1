package omie

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// FuzzAnswer: whatever comes back is a result or a fault with a class, and the
// excerpt holds no digits and no address.
func FuzzAnswer(f *testing.F) {
	f.Add(200, []byte(`{"pagina":1}`))
	f.Add(500, []byte(`{"faultstring":"ERROR: Consumo redundante detectado. Aguarde 37 segundos","faultcode":"SOAP-ENV:Client-6"}`))
	f.Add(500, []byte(`{"faultstring":1,"faultcode":null}`))
	f.Add(502, []byte(`<html>`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		fault := readAnswer(status, body)
		switch {
		case fault == nil && status >= 300:
			t.Errorf("status %d is a result", status)
		case fault != nil && (fault.Class == "" || fault.Wait < 0 || fault.Wait > 24*time.Hour):
			t.Errorf("%+v", fault)
		case fault != nil && strings.ContainsAny(fault.Excerpt, "0123456789@"):
			t.Errorf("excerpt %q", fault.Excerpt)
		}
	})
}

// A lane that is asked before every call never breaks a rule of Omie's.
func TestALaneKeepsTheRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var l Lane
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		var last time.Time
		made := map[string]time.Time{}
		errorsInRow := 0
		var blocked time.Time
		for range rapid.IntRange(1, 60).Draw(rt, "calls") {
			call := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(rt, "call")
			at := l.Ready(now, call)
			if at.Before(now) {
				rt.Fatalf("ready at %v, before %v", at, now)
			}
			if at.After(now) && !rapid.Bool().Draw(rt, "wait") {
				now = now.Add(time.Duration(rapid.IntRange(0, 400).Draw(rt, "idle")) * time.Millisecond)
				continue
			}
			now = at
			switch {
			case !last.IsZero() && now.Sub(last) < Pause:
				rt.Fatalf("%v after the last call", now.Sub(last))
			case !made[call].IsZero() && now.Sub(made[call]) < time.Minute:
				rt.Fatalf("the same call after %v", now.Sub(made[call]))
			case now.Before(blocked):
				rt.Fatal("inside a block")
			}
			last, made[call] = now, now
			l.Start(now, call, now.Add(2*time.Minute))
			now = now.Add(time.Duration(rapid.IntRange(1, 3000).Draw(rt, "takes")) * time.Millisecond)
			var f *Fault
			switch rapid.IntRange(0, 5).Draw(rt, "answer") {
			case 0, 1, 2:
				f = &Fault{Class: ClassBroken}
			case 3:
				f = &Fault{Class: ClassBlocked, Wait: 30 * time.Minute}
				blocked = now.Add(f.Wait)
			}
			if errorsInRow++; f == nil || f.Class == ClassBlocked {
				errorsInRow = 0
			}
			opened := l.BlockedUntil
			l.End(now, call, f)
			if errorsInRow >= openAfter && f.Class == ClassBroken && !l.BlockedUntil.After(opened) && l.BlockedUntil.Before(now.Add(openFor)) {
				rt.Fatalf("%d errors in a row, and the next call may start", errorsInRow)
			}
		}
	})
}
