"""The fonts of the papers: an organisation's own first, then those that come with the system."""

from collections.abc import Iterable
from pathlib import Path

from weasyprint.text.ffi import ffi, fontconfig, pangoft2
from weasyprint.text.fonts import FontConfiguration

SUFFIXES = {".ttf", ".otf", ".ttc"}


class PaperFonts(FontConfiguration):  # type: ignore[misc]
    """The machine's fonts and those that lie in the folders given.

    Which of them is used the style sheet says, by name. The files are handed to fontconfig as they are:
    @font-face would copy 20 MB for every paper, and FONTCONFIG_FILE would change it for the whole process.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        super().__init__()
        for file in sorted(
            path for folder in folders for path in folder.glob("*") if path.suffix.lower() in SUFFIXES
        ):
            fontconfig.FcConfigAppFontAddFile(self._config, str(file).encode())
        pangoft2.pango_fc_font_map_config_changed(ffi.cast("PangoFcFontMap *", self.font_map))
