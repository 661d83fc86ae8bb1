// Package objstore is the object store adapter: one bucket on AWS S3 or on a
// server that speaks its protocol.
//
// Objects are pinned before they are read. An [Object] from [Store.Head] or
// [Store.List] carries the ETag, and the version id where the bucket keeps
// versions; [Store.Download] and [Store.ReadRange] send both with every request
// and answer [ErrChanged] when the key holds something else by then. An ETag is
// an opaque name for content, never an MD5: servers compute it in different
// ways, and multipart uploads always do.
//
// Every error can be tested with errors.Is against the sentinels of this
// package ([ErrNotFound], [ErrChanged], [ErrExists], [ErrTruncated],
// [ErrUnavailable], [ErrDenied]) and against context.Canceled and
// context.DeadlineExceeded. Error texts name the bucket and the key, never
// credentials, signatures or query strings.
package objstore
