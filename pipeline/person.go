package pipeline

import "github.com/bateia/bateia/schemas"

// RowPlace is where a row of an import lies in its object.
type RowPlace struct {
	Import         schemas.ImportID
	Row            int64
	Offset, Length int64
}

// Stretch is a part of a file that speaks of a person.
type Stretch struct {
	Row    int64 // of the record; 0 for lines that are none
	Offset int64 // of its first byte, in the text when the file is packed
	Length int64
	// NameOnly says that it is the name alone which makes it the person's: where the
	// row is somebody else's it is not.
	NameOnly bool
}

// SearchFile is a file in which a person is looked for.
type SearchFile struct {
	Path    string
	Name    string // what people call it
	Dir     string // for what is unpacked
	Options schemas.Options
	// AreaCode is that of phones without one, by the account's settings.
	AreaCode string
}

// Search is what of a file speaks of a person.
type Search struct {
	Stretches []Stretch
	Dialect   schemas.Dialect
	// Packed files cannot be overwritten in place: positions count in their text.
	Packed bool
	// Unread says that nobody can look into the file: an archive of several files, an
	// old workbook, a document.
	Unread bool
}
