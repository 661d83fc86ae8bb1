// Package locals3 is an S3 server over a local folder, inside this process.
//
// versitygw's embeddable front end speaks S3 (signatures, chunked and checked
// bodies, ranges, conditional requests, XML); the backend here keeps every bucket
// as a directory and every object as a plain file, so that people can look at
// them. What a file cannot hold (ETag, content type, metadata) lies in a second
// folder of small JSON documents. A read never sees the bytes of one put with the
// ETag of another, neither beside running puts nor after a crash.
//
// The folder may also be changed by hand. A file copied into a bucket's directory
// shows up in lists and reads like any object, with an ETag made of its size and
// time of change; a file edited by hand loses the ETag and metadata of the upload
// it came from. No event is sent for either, and a file that was not uploaded is
// listed only when it has been left alone for [Quiet]: a copy under way is no
// object yet. Symbolic links, and names that XML cannot carry, are never listed.
//
// Limits that come from files being files: a key cannot be both an object and the
// folder of others ("a" and "a/b"), has no empty, "." or ".." part, and no part
// longer than 240 bytes. A bucket keeps no versions and no tags; there is one
// account.
//
// versitygw keeps package-level state, so one server per process can run; a second
// [Start] says so. Its own posix backend is not used: it changes the working
// directory of the whole process and opens everything relative to it, and with
// path-based metadata a put overtaking a get can hand out old bytes under a new
// ETag.
package locals3
