using System.Threading.Tasks;

/// <summary>Called once before a restore, with the components to restore.</summary>
/// <remarks>
/// As for every method, input has "request", "log" and "aborted". The "components" of the request are
/// objects with "componentName" and "logicalPath".
///
/// Returns all of these components in the order in which to restore them, or null if the order does
/// not matter. Any other result fails the call.
///
/// What it may assume:
/// - No file has been restored yet, and the services in wsb-addin.json still run.
///
/// What it must not assume:
/// - That PreRestore runs in the same process: keep nothing in memory for it.
/// </remarks>
public class OrderComponents
{
    public Task<object> Invoke(object input)
    {
        return Task.FromResult<object>(null);
    }
}
