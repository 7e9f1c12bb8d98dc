using System.Threading.Tasks;

/// <summary>
/// Called before a restore to ask whether the application can roll forward, that is, whether it can
/// replay logs from after the backup on the restored files. Returns true or false.
/// </summary>
/// <remarks>
/// What it may assume:
/// - The services in wsb-addin.json still run.
///
/// What it must not assume:
/// - That it knows which components will be restored: the answer is for the whole application.
/// </remarks>
public class IsRollForwardSupported
{
    public Task<object> Invoke(object input)
    {
        return Task.FromResult<object>(false);
    }
}
