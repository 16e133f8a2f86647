"""The rate that keeps an SLO: which rates are probed, how a probe is judged, what it means in instances; all pure."""
