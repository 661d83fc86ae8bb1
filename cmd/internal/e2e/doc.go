// Package e2e drives the built program from outside, as people and other
// programs do: it runs "bateia up", drops files with an S3 client, asks with the
// commands and reads the tables through the addresses that "bateia config"
// prints. It holds tests only.
//
// The tests share one running stack, each in an account of its own, where
// nothing they do can be felt by others. Those that kill the program or read
// everything that it leaves behind run their own.
package e2e
