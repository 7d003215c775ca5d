"""A linear model of the delay, fitted on most flights and scored on the rest."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression

DECIMALS = 6


def split_flights(flights: pd.DataFrame, test_every: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keeps the first of every `test_every` flights back: no chance is involved."""
    is_test = np.arange(len(flights)) % test_every == 0
    return flights[~is_test], flights[is_test]


def fit_delay_model(train: pd.DataFrame, features: list[str]) -> LinearRegression:
    return LinearRegression().fit(train[features], train["delay"])


def score_delay_model(
    model: LinearRegression, test: pd.DataFrame, features: list[str]
) -> dict[str, Any]:
    """Root mean square errors in minutes, beside that of always guessing the mean; r2 is the share
    of the delays' variance that is explained.
    """
    actual = test["delay"]
    error = _root_mean_square(actual - model.predict(test[features]))
    error_of_mean = _root_mean_square(actual - actual.mean())
    return {
        "flights_tested": len(test),
        "r2": round(1 - (error / error_of_mean) ** 2, DECIMALS),
        "error": round(error, DECIMALS),
        "error_of_mean": round(error_of_mean, DECIMALS),
        "intercept": round(float(model.intercept_), DECIMALS),
        "coefficients": {
            feature: round(float(coefficient), DECIMALS)
            for feature, coefficient in zip(features, model.coef_, strict=True)
        },
    }


def _root_mean_square(errors: pd.Series) -> float:
    return float((errors**2).mean() ** 0.5)
