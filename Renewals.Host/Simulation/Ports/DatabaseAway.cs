using System.Data.Common;

namespace Renewals.Host.Simulation.Ports;

/// <summary>The database does not answer: it is being put back to an earlier moment.</summary>
internal sealed class DatabaseAwayException() : DbException("The database does not answer.");
