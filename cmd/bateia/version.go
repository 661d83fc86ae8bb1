package main

import (
	"runtime"
	"runtime/debug"
)

// version is set by the linker in releases.
var version = ""

type versionCommand struct{}

func (versionCommand) Help() string {
	return "Example:\n\n  bateia version --json"
}

// Run prints the version and what the program was built from.
func (versionCommand) Run(s *session) error {
	v := programVersion()
	if s.out.JSON {
		return s.out.Document(map[string]string{"version": v, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH})
	}
	s.out.Printf("bateia %s (%s, %s/%s)\n", v, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// programVersion is the release, or the commit it was built from.
func programVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	for _, set := range info.Settings {
		if set.Key == "vcs.revision" && len(set.Value) >= 12 {
			return "devel-" + set.Value[:12]
		}
	}
	return "devel"
}
