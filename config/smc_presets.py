"""The presets of the Smart Money detectors, by name or from a file of the user's."""

from importlib import resources
from pathlib import Path
from typing import Final

from config.reading import hint, read_toml
from domain.errors import BadConfig
from domain.smc_rules import SmcPreset, preset_from

SMC_PRESETS: Final = ("default", "strict", "aggressive", "sensitive")


def load_smc_preset(name_or_path: str) -> SmcPreset:
    """A shipped preset by name, or that of a path ending in .toml. BadConfig suggests a name."""
    if name_or_path.endswith(".toml"):
        return preset_from(read_toml(Path(name_or_path), name_or_path), name_or_path)
    if name_or_path not in SMC_PRESETS:
        raise BadConfig(f"unknown preset {name_or_path!r}; {hint(name_or_path, SMC_PRESETS)}")
    file = resources.files("config").joinpath("smc", f"{name_or_path}.toml")
    source = f"config/smc/{name_or_path}.toml"
    return preset_from(read_toml(file, source), source)
