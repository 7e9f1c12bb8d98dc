using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

// Handlers for src/addin.ts. Each method gets a dictionary: "request" is what the handler is told, by the names of its TypeScript
// type; "aborted" and "log" are functions. What a method throws fails the call, with its message.
public class Handlers
{
    // Called before the files of each component are restored, with the manifest's services stopped.
    public async Task<object> PreRestore(object input)
    {
        using (var call = new Call(input))
        {
            await call.Log("About to restore " + call.Request["componentName"]);
            // The time limit of the handler, and a caller that gives up, cancel this token.
            await Task.Delay(0, call.Cancelled);
            return null;
        }
    }

    // Called after the files of each component were restored; perhaps in another process, perhaps never.
    public async Task<object> PostRestore(object input)
    {
        using (var call = new Call(input))
        {
            await call.Log("Restored " + call.Request["componentName"]);
            return null;
        }
    }
}

// One call of a handler.
public sealed class Call : IDisposable
{
    private readonly CancellationTokenSource source = new CancellationTokenSource();
    private readonly Func<object, Task<object>> log;

    public Call(object input)
    {
        var values = (IDictionary<string, object>)input;
        Request = (IDictionary<string, object>)values["request"];
        log = (Func<object, Task<object>>)values["log"];
        var aborted = (Func<object, Task<object>>)values["aborted"];
        Watch(aborted);
    }

    public IDictionary<string, object> Request { get; private set; }

    public CancellationToken Cancelled
    {
        get { return source.Token; }
    }

    public Task Log(string message)
    {
        return log(message);
    }

    public void Dispose()
    {
        // Not the source itself: the answer to "aborted" comes after the method has ended.
    }

    private async void Watch(Func<object, Task<object>> aborted)
    {
        if ((bool)await aborted(null))
        {
            source.Cancel();
        }
    }
}
