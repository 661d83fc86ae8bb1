// Package htmlreport writes what happened to imports as one HTML page that needs
// nothing else: no script, no file beside it, no network. Charts are SVG that is
// laid out here, in two widths, of which the page shows the one that fits.
//
// What it shows comes from the views of schema report, read with the rights of an
// analyst at one moment. It holds counts, codes, shapes and names of files, lists
// and columns; no cell and nobody's name.
//
// Figures carry their value in data-figure and data-value, so that a test can
// compare them with the views.
package htmlreport
