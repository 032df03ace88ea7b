"""What every capability shares: errors by remedy, time, e-mail normalisation, ids."""
