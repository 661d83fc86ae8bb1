// Package identity turns the cells of contact lists into canonical identities: phones, e-mails, documents, handles and
// the ids of other systems.
package identity
