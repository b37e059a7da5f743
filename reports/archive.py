"""What makes a sheet fit for an archive: PDF/A-3a and PDF/UA-1 in one file (R160, R161).

WeasyPrint writes either the one's metadata or the other's. Here the second mark goes into the first
one's only RDF, with the schema that PDF/A asks for wherever a property is not its own: a second RDF
is not read. It happens in WeasyPrint's own last step, before a byte is written, so that no other
program writes the file again.
"""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any
from unicodedata import category

RELEASE = f"Chairside {version('chairside')}"
VARIANT = "pdf/a-3a"
RECORD_FILE = "record.json"
RECORD_SAID = "The record that this sheet prints, as canonical JSON (RFC 8785)."
_RDF_END = b"</rdf:RDF>"
_PDF_UA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
 pdfuaid:part="1" /><rdf:Description rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the file keeps to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>"""


def finish(_document: object, pdf: Any) -> None:  # noqa: ANN401 - pydyf has no types
    """WeasyPrint's finisher: both marks in one RDF, each associated file named once, and the side
    that each head of a table is the head of: WeasyPrint leaves that to the reader."""
    metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    metadata.stream = [one.replace(_RDF_END, _PDF_UA + _RDF_END) for one in metadata.stream]
    if "AF" in pdf.catalog:
        once = list(dict.fromkeys(pdf.catalog["AF"]))
        pdf.catalog["AF"].clear()
        pdf.catalog["AF"].extend(once)
    for one in pdf.objects:
        if isinstance(one, dict) and one.get("S") == "/TH":
            one["A"]["Scope"] = "/Column"


def missing_letters(document: Any) -> Iterator[str]:  # noqa: ANN401 - WeasyPrint has no types
    """The letters that were drawn as an empty box, because no font of this machine has them."""
    for font in document.fonts.values():
        yield from (one for one in map(chr, font.missing) if category(one)[0] not in "CZ")
