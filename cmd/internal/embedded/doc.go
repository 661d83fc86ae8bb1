// Package embedded is the stack that runs when nothing is configured: a private
// Postgres, an S3-compatible server over a local folder, and the migrations, all
// in one data directory.
//
// One process owns a data directory; others attach to what it runs. The folder,
// 0700, holds
//
//	lock         locked for as long as the owner lives; says which start it was
//	users        locked shared by every process that uses another one's stack
//	state.json   addresses and credentials of the running stack, 0600
//	keys.json    credentials made once, 0600
//	postgres/    see package localpg (for root it may lie in /var/lib/bateia)
//	s3/          one folder per bucket, plain files
//	s3-meta/     what files cannot hold
//	scratch/     worksets of running imports
//	logs/
//
// The locks are flock(2): the kernel gives them back when their process ends,
// however it ends, so nothing that a crash leaves behind is in the way. A
// state.json counts only when it carries the number that the owner wrote into
// the lock, and when its servers answer.
package embedded
