package config

import (
	"net/url"
	"regexp"
	"strings"
)

// Value is one effective setting, as "bateia config" shows it.
type Value struct {
	Name   string `json:"name"`
	Env    string `json:"env"`
	Value  string `json:"value"`
	Origin string `json:"origin"` // default, a file, a variable, a flag, embedded
	About  string `json:"about,omitempty"`
}

// Values lists the effective settings in the table's order. Secrets are masked
// unless show is set.
func (c Config) Values(show bool) []Value {
	out := make([]Value, 0, len(settings))
	for _, s := range settings {
		v := Value{Name: s.name, Env: s.env(), Value: s.get(&c), Origin: c.origins[s.name], About: s.about}
		if v.Origin == "" {
			v.Origin = "default"
		}
		if !show && s.mask != nil && v.Value != "" {
			v.Value = s.mask(v.Value)
		}
		out = append(out, v)
	}
	return out
}

// Fill sets what the embedded stack decided, for showing.
func (c Config) Fill(name, value string) Config {
	origins := map[string]string{}
	for k, v := range c.origins {
		origins[k] = v
	}
	c.origins = origins
	for _, s := range settings {
		if p, ok := s.target(&c).(*string); ok && s.name == name {
			*p = value
			c.origins[name] = "embedded"
		}
	}
	return c
}

const masked = "********"

func maskAll(string) string { return masked }

var dsnPassword = regexp.MustCompile(`(?i)\bpassword\s*=\s*('(?:[^'\\]|\\.)*'|\S+)`)

// maskURL hides the password of a URL and every value of its query, and the
// password of a key=value connection string.
func maskURL(s string) string {
	if !strings.Contains(s, "://") {
		return dsnPassword.ReplaceAllString(s, "password="+masked)
	}
	u, err := url.Parse(s)
	if err != nil {
		return masked
	}
	tail := ""
	if q := u.Query(); q.Has("password") || q.Has("sslpassword") {
		tail = "?" + masked
	} else if u.RawQuery != "" {
		tail = "?" + u.RawQuery
	}
	user := ""
	if u.User != nil {
		user = url.User(u.User.Username()).String()
		if _, ok := u.User.Password(); ok {
			user += ":" + masked
		}
		user += "@"
	}
	return u.Scheme + "://" + user + u.Host + u.EscapedPath() + tail
}

// maskPath keeps scheme and host: webhook URLs carry their secret in the path.
func maskPath(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return masked
	}
	return u.Scheme + "://" + u.Host + "/" + masked
}
