using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Logging.Abstractions;
using Renewals.Host.Service;

namespace Renewals.Host.Dashboard;

/// <summary>Where the keys are that seal sign-ins and forms: in a folder that was named, or in this process.</summary>
internal static class SealKeys
{
    /// <summary>Adds what seals and its keys.</summary>
    /// <exception cref="CannotRunException">The folder cannot be used.</exception>
    public static void Add(IServiceCollection services, DashboardSettings settings)
    {
        services.AddDataProtection();
        var repository = In(settings.KeyFolder);
        services.Configure<KeyManagementOptions>(options => options.XmlRepository = repository);
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "renewals-form";
            options.Cookie.SameSite = SameSiteMode.Strict;

            // Said with the other headers.
            options.SuppressXFrameOptionsHeader = true;
        });
    }

    private static IXmlRepository In(string? folder)
    {
        if (string.IsNullOrEmpty(folder))
            return new InThisProcess();
        try
        {
            return new FileSystemXmlRepository(Directory.CreateDirectory(folder), NullLoggerFactory.Instance);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CannotRunException($"Renewals:Dashboard:KeyFolder '{folder}' cannot be used: {e.Message}", e);
        }
    }

    // The framework would otherwise write keys into the home folder of whoever starts the service.
    private sealed class InThisProcess : IXmlRepository
    {
        private readonly Lock gate = new();
        private readonly List<XElement> keys = [];

        public IReadOnlyCollection<XElement> GetAllElements()
        {
            lock (gate)
                return [.. keys.Select(key => new XElement(key))];
        }

        public void StoreElement(XElement element, string friendlyName)
        {
            lock (gate)
                keys.Add(new(element));
        }
    }
}
