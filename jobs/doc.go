// Package jobs decides when the pipeline runs. Each kind of River job is one
// file: its arguments, which are ids only, and a worker of a few lines that
// claims a phase of an import, calls the stages, and commits.
//
// River delivers; it is not the truth. What is owed stands in table work, where
// phases are claimed with an epoch that every commit checks. A job that is lost,
// doubled, rescued or late does no harm: reconcile inserts what is missing, and
// the claim decides who works. So no job here is unique.
//
// An erasure of a person is no phase of an import: it has its own table, claim and
// job, erase_person, of the same kind.
//
// One function, [Outcome], decides what a failure means.
package jobs
