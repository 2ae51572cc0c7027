"""What computing comes to in electricity and carbon: an estimate from seconds of processor time, never a measurement.

Where a machine lets its energy counters be read (`COUNTERS`), measure instead. Pure arithmetic; no I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Where Linux shows the energy counters of a processor (RAPL), if whoever runs the machine lets them be read.
COUNTERS = "/sys/class/powercap"
# Watts that one busy core draws. Low: the processor's share alone; the coefficients of Cloud Carbon Footprint give AMD
# EPYC server processors 1.6 to 2.6 W a virtual core at full load. High: with its share of memory, disks, fans, power
# supply and cooling, on a small or badly used machine.
WATTS_LOW, WATTS_HIGH = 2.0, 10.0
# Kilograms of CO2 equivalent for a kWh generated in the UK: the government's conversion factors for company reporting,
# 2025 set. The 2026 set is about a quarter lower; its exact value was not at hand.
CARBON, CARBON_SOURCE = 0.177, "UK government conversion factors for company reporting, 2025"
# kWh to boil a full kettle, 1.5 litres from 15 degrees: 1.5 kg x 4.19 kJ/(kg K) x 85 K / 3600, and a tenth lost.
KETTLE = 0.165
# What training takes, as training/README.md says: two cores for an hour and a quarter, all that `release` does
# included, and for the framing model an hour of the same two cores. Both cores are taken as busy throughout.
TRAINING_CORE_HOURS, FRAMING_CORE_HOURS = 2.5, 2.0
YEAR_OF_REFERRALS = 10_000  # of an area, as in the README
_HOUR = 3600.0  # seconds


@dataclass(frozen=True, slots=True)
class Estimate:
    """Electricity for some computing.

    Attributes:
        low: kWh at `WATTS_LOW` a core.
        high: kWh at `WATTS_HIGH` a core.
    """

    low: float
    high: float

    def __str__(self) -> str:
        """Such as "0.005 to 0.025 kWh"."""
        return f"{_short(self.low)} to {_short(self.high)} kWh"

    @property
    def carbon(self) -> str:
        """Grams of CO2 equivalent, such as "0.9 to 4.4 g"."""
        return f"{_short(self.low * CARBON * 1000)} to {_short(self.high * CARBON * 1000)} g"


def estimate(core_seconds: float) -> Estimate:
    """Electricity for so many seconds of one busy core."""
    return Estimate(*(core_seconds / _HOUR * watts / 1000 for watts in (WATTS_LOW, WATTS_HIGH)))


def energy_figures(line: Mapping[str, Any], *, trials: int) -> dict[str, str]:
    """What the records say of energy.

    Args:
        line: The newest line of kind `energy` of the log.
        trials: How many settings were tried and logged before the release; each is taken to cost at most a release.
    """
    training, framing = estimate(TRAINING_CORE_HOURS * _HOUR), estimate(FRAMING_CORE_HOURS * _HOUR)
    tried = estimate(trials * TRAINING_CORE_HOURS * _HOUR)
    seconds = line["cpu_seconds"]
    thousand = {mode: found / line["notes"] * 1000 for mode, found in seconds.items()}
    year = estimate(thousand["off"] / 1000 * YEAR_OF_REFERRALS)
    gated = estimate(thousand["warn"] / 1000 * YEAR_OF_REFERRALS)
    return {
        "energy_model": line["model"],
        "energy_date": line["date"],
        "energy_processor": line["processor"],
        "energy_notes": f"{line['notes']:,}",
        "energy_tokens": f"{line['mean_tokens']:.0f}",
        "energy_seconds": f"{thousand['off']:.0f}",
        "energy_seconds_gate": f"{thousand['warn']:.0f}",
        "energy_year": f"{YEAR_OF_REFERRALS:,}",
        "energy_year_kwh": str(year),
        "energy_year_carbon": year.carbon,
        "energy_year_gate_kwh": str(gated),
        "energy_kettle_years": f"about {_short(KETTLE / gated.high)}",
        "energy_training_hours": f"{TRAINING_CORE_HOURS:g}",
        "energy_training_kwh": str(training),
        "energy_training_carbon": training.carbon,
        "energy_framing_hours": f"{FRAMING_CORE_HOURS:g}",
        "energy_framing_kwh": str(framing),
        "energy_framing_carbon": framing.carbon,
        "energy_trials": str(trials),
        "energy_trials_kwh": f"{_short(tried.high)} kWh",
        "energy_watts": f"{WATTS_LOW:g} to {WATTS_HIGH:g}",
        "energy_carbon": f"{CARBON:g}",
        "energy_carbon_source": CARBON_SOURCE,
        "energy_kettle": f"{KETTLE:.2f}",
    }


def _short(value: float) -> str:
    """Two significant digits without an exponent; an estimate deserves no more."""
    return f"{float(f'{value:.2g}'):g}"
